/** @file transformers.js, out of the folder of peers that `npm run bench` installs. */
import { openClock } from './clock.ts';
import { stopwatch, type Answered } from './ours.ts';

interface TransformersJs {
	readonly env: {
		allowRemoteModels: boolean;
		allowLocalModels: boolean;
		localModelPath: string;
		useBrowserCache: boolean;
		readonly backends: { readonly onnx: { readonly wasm: Record<string, unknown> } };
	};
	readonly AutoTokenizer: {
		from_pretrained(name: string): Promise<(text: string) => Record<string, unknown>>;
	};
	readonly AutoModelForCausalLM: {
		from_pretrained(
			name: string,
			options: { readonly dtype: string; readonly device: 'wasm' },
		): Promise<{
			generate(options: Readonly<Record<string, unknown>>): Promise<unknown>;
			dispose(): Promise<unknown>;
		}>;
	};
	readonly BaseStreamer: new () => object;
}

const peers = '/.cache/peers/node_modules';

/** Whether tests/fixtures/transformers-js/make.py has made its form of the model. */
export const hasOnnxForm = async (): Promise<boolean> => {
	const found = await fetch('/.cache/weights/smollm2-onnx/config.json');
	return found.ok && found.headers.get('content-type')?.includes('json') === true;
};

/** Loads a form of SmolLM2 on its wasm back end; a module of its own for each number of threads, which it fixes once. */
export async function openTransformersJs(
	dtype: 'fp32' | 'q8',
	threads: number,
): Promise<{
	/** Greedy. */
	answer(prompt: string, maxTokens: number): Promise<Answered>;
	close(): Promise<unknown>;
}> {
	const url = `${peers}/@huggingface/transformers/dist/transformers.js?threads=${String(threads)}`;
	const library = (await import(/* @vite-ignore */ url)) as TransformersJs;
	Object.assign(library.env, {
		allowRemoteModels: false,
		allowLocalModels: true,
		localModelPath: '/.cache/weights/',
		useBrowserCache: false,
	});
	Object.assign(library.env.backends.onnx.wasm, {
		numThreads: threads,
		wasmPaths: `${location.origin}${peers}/onnxruntime-web/dist/`,
	});
	const tokenizer = await library.AutoTokenizer.from_pretrained('smollm2-onnx');
	const model = await library.AutoModelForCausalLM.from_pretrained('smollm2-onnx', {
		dtype,
		device: 'wasm',
	});
	const { now } = openClock(threads);
	return {
		answer: async (prompt, maxTokens) => {
			const watch = stopwatch(now);
			// It hands the prompt to the streamer too, before the first token.
			let isPrompt = true;
			const streamer = Object.assign(new library.BaseStreamer(), {
				put: () => {
					if (!isPrompt) watch.token();
					isPrompt = false;
				},
				end: () => undefined,
			});
			await model.generate({
				...tokenizer(prompt),
				max_new_tokens: maxTokens,
				do_sample: false,
				streamer,
			});
			return watch.end();
		},
		close: () => model.dispose(),
	};
}
