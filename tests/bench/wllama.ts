/** @file wllama, out of the folder of peers that `npm run bench` installs. */

interface Timings {
	readonly prompt_n: number;
	readonly prompt_ms: number;
	readonly predicted_n: number;
	readonly predicted_ms: number;
}

/** The part of its API that is measured. */
interface Wllama {
	loadModel(blobs: Blob[], parameters: Readonly<Record<string, unknown>>): Promise<void>;
	createCompletion(
		options: Readonly<Record<string, unknown>>,
	): Promise<{ readonly timings?: Timings }>;
	exit(): Promise<void>;
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
): Promise<{
	/** Greedy; what it says it took. */
	answer(prompt: string, maxTokens: number): Promise<Timings>;
	close(): Promise<void>;
}> {
	const url = `${folder}/index.js`;
	const { Wllama } = (await import(/* @vite-ignore */ url)) as WllamaModule;
	const wllama = new Wllama(
		{ default: new URL(`${folder}/wasm/wllama.wasm`, location.href).href },
		{ suppressNativeLog: true },
	);
	await wllama.loadModel([blob], { n_ctx: 1024, n_threads: threads, n_gpu_layers: 0 });
	return {
		answer: async (prompt, maxTokens) => {
			const { timings } = await wllama.createCompletion({
				prompt,
				max_tokens: maxTokens,
				temperature: 0,
			});
			if (!timings) throw new Error('wllama gave no timings');
			return timings;
		},
		close: () => wllama.exit(),
	};
}
