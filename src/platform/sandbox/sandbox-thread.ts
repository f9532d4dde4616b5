/** @file The thread of the sandbox in Node. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { interpret } from './interpreter.ts';
import type { Question } from './sandbox.ts';

const file = createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm');
const module = readFile(file).then((bytes) => WebAssembly.compile(bytes));
parentPort?.on('message', ({ id, program }: Question) => {
	void module
		.then((wasm) => interpret(wasm, program))
		.then((ran) => parentPort?.postMessage({ id, ran }))
		.catch((error: unknown) => {
			const reason = error instanceof Error ? error.message : String(error);
			parentPort?.postMessage({ id, ran: { kind: 'lost', reason } });
		});
});
