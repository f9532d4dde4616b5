/** @file Errors of web-llm, which cross its worker as text, as coded errors with a remedy. */
import { BackendError, type BackendErrorCode } from '#base/backend-error.ts';

/** The package's error texts, with code and remedy. */
const known: readonly (readonly [RegExp, BackendErrorCode, string])[] = [
	[
		/^WebGPUNot|WebGPU is not supported|Cannot find (WebGPU|adapter)/i,
		'not-available',
		'WebGPU is not to be had here; use Chrome or Edge on a machine with a GPU, or a model that runs on wasm.',
	],
	[
		/^(ShaderF16|FeatureSupport)/,
		'not-available',
		'This GPU lacks a feature the model was compiled for; choose the model whose name has q4f32 instead of q4f16.',
	],
	[
		/^DeviceLost|device (was|is) lost|GPUDevice.*destroyed|already been disposed/i,
		'device-lost',
		'The GPU went away, most often for want of memory; reload the page, or choose a smaller model.',
	],
	[
		/out of memory|OOM|maxStorageBufferBindingSize|maxBufferSize|allocation failed/i,
		'out-of-memory',
		'The GPU has too little memory for this model; choose a smaller one.',
	],
	[
		/QuotaExceeded/,
		'out-of-memory',
		'The disk space of this page is used up; delete a model, then load this one again.',
	],
	[
		/Failed to fetch|NetworkError|fetchWithCache|Cache|HTTP|status|Unexpected token|is not valid JSON|WebAssembly|CompileError|Integrity|Manifest|not found/i,
		'bad-model',
		'The model could not be fetched, or is not one that was compiled for web-llm; check its two addresses.',
	],
];

/** Is the prompt alone longer than the context? */
export const isContext = (error: unknown): boolean =>
	textOf(error).startsWith('ContextWindowSizeExceededError');

/** Coded error of any failure of the package. */
export function webLlmFailure(error: unknown): BackendError {
	if (error instanceof BackendError) return error;
	const message = textOf(error);
	const [, code = 'not-available', remedy = 'Open the model again, or choose another.'] =
		known.find(([pattern]) => pattern.test(message)) ?? [];
	return new BackendError(code, `${remedy} (web-llm: ${message.slice(0, 200)})`, { cause: error });
}

const textOf = (error: unknown): string =>
	error instanceof Error ? `${error.name}: ${error.message}` : String(error);
