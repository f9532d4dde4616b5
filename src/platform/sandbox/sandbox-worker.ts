/** @file The thread of the sandbox in a browser: a worker that answers and asks nobody but the site for its interpreter. */
import wasmUrl from 'quickjs-wasi/quickjs.wasm?url';
import { interpret } from './interpreter.ts';
import type { Question } from './sandbox.ts';

const module = fetch(new URL(wasmUrl, self.location.href))
	.then((response) => response.arrayBuffer())
	.then((bytes) => WebAssembly.compile(bytes));
self.onmessage = ({ data: { id, program } }: MessageEvent<Question>) => {
	void module
		.then((wasm) => interpret(wasm, program))
		.catch((error: unknown) => ({
			kind: 'lost',
			reason: error instanceof Error ? error.message : String(error),
		}))
		.then((ran) => {
			self.postMessage({ id, ran });
		});
};
