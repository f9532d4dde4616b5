/** @file wllama, out of the folder of peers that `npm run bench` installs. */
import { openClock } from './clock.ts';
import { stopwatch, type Answered } from './ours.ts';

/** The part of its API that is measured. */
interface Wllama {
	loadModel(blobs: Blob[], parameters: Readonly<Record<string, unknown>>): Promise<void>;
	createCompletion(options: Readonly<Record<string, unknown>>): Promise<unknown>;
	exit(): Promise<void>;
}
/** What it tells of an answer under way. */
interface Chunk {
	readonly choices: readonly { readonly text?: string }[];
}
interface WllamaModule {
	readonly Wllama: new (
		paths: Readonly<Record<string, string>>,
		settings?: Readonly<Record<string, unknown>>,
	) => Wllama;
}

const folder = '/.cache/peers/node_modules/@wllama/wllama/esm';

/** Loads a GGUF file into wllama's wasm. */
export async function openWllama(
	blob: Blob,
	threads: number,
	contextLength: number,
): Promise<{
	/** Greedy. */
	answer(prompt: string, maxTokens: number): Promise<Answered>;
	close(): Promise<void>;
}> {
	const url = `${folder}/index.js`;
	const { Wllama } = (await import(/* @vite-ignore */ url)) as WllamaModule;
	const wllama = new Wllama(
		{ default: new URL(`${folder}/wasm/wllama.wasm`, location.href).href },
		{ suppressNativeLog: true },
	);
	await wllama.loadModel([blob], { n_ctx: contextLength, n_threads: threads, n_gpu_layers: 0 });
	const { now } = openClock(threads);
	return {
		answer: async (prompt, maxTokens) => {
			const watch = stopwatch(now);
			await wllama.createCompletion({
				prompt,
				max_tokens: maxTokens,
				temperature: 0,
				stream: true,
				onData: ({ choices }: Chunk) => {
					if ((choices[0]?.text ?? '') !== '') watch.token();
				},
			});
			return watch.end();
		},
		close: () => wllama.exit(),
	};
}
