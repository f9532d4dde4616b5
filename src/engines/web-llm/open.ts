/** @file Opening of a model in web-llm: GPU check first, then a worker of its own. */
import { type Engine } from '../engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { webLlmFailure } from './failure.ts';
import { configOf, type WebLlmModel } from './models.ts';
import { createWebLlmEngine } from './web-llm-engine.ts';

/** Options of `openWebLlmEngine`. */
export interface OpenWebLlmOptions {
	readonly model: WebLlmModel;
	/** Share of the files loaded, 0 to 1, with the package's text for it. */
	readonly onProgress?: (share: number, text: string) => void;
	readonly signal?: AbortSignal;
	/** `navigator.gpu`; undefined without WebGPU. */
	readonly gpu?: Pick<GPU, 'requestAdapter'> | undefined;
}

/** Loads the package, the model's files (from the browser's cache if present) and the GPU. */
export async function openWebLlmEngine(options: OpenWebLlmOptions): Promise<Engine> {
	const { model, onProgress, signal } = options;
	signal?.throwIfAborted();
	const gpu = 'gpu' in options ? options.gpu : gpuOf(navigator);
	const adapter = await checkGpu(model, gpu);
	const { WebWorkerMLCEngine } = await import('@mlc-ai/web-llm');
	signal?.throwIfAborted();
	const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
	let stop = (): void => undefined;
	const ended = new Promise<never>((_, reject) => {
		stop = () => reject(signal?.reason as Error);
		signal?.addEventListener('abort', stop, { once: true });
		worker.onerror = ({ message }) => reject(webLlmFailure(`the worker failed: ${message}`));
	});
	// Handled even if nobody awaits it any more.
	ended.catch(() => undefined);
	try {
		const loaded = new WebWorkerMLCEngine(worker, {
			appConfig: configOf(model),
			logLevel: 'SILENT',
			initProgressCallback: ({ progress, text }) => onProgress?.(progress, text),
		});
		await Promise.race([loaded.reload(model.id), ended]);
		const engine = createWebLlmEngine(loaded, `${model.id}, WebGPU (${adapter})`, ended);
		return {
			...engine,
			dispose: async () => {
				await engine.dispose();
				worker.terminate();
			},
		};
	} catch (error) {
		worker.terminate();
		if (signal?.aborted) throw error;
		throw webLlmFailure(error);
	} finally {
		signal?.removeEventListener('abort', stop);
	}
}

const gpuOf = (machine: Partial<Pick<Navigator, 'gpu'>>): GPU | undefined => machine.gpu;

/** GPU check before any download; returns the adapter's name. */
async function checkGpu(
	{ id, features, bufferBytes = 0 }: WebLlmModel,
	gpu: Pick<GPU, 'requestAdapter'> | undefined,
): Promise<string> {
	const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter) throw webLlmFailure('WebGPUNotAvailableError: there is no adapter');
	const lacking = features.filter((feature) => !adapter.features.has(feature));
	if (lacking.length > 0)
		throw webLlmFailure(`FeatureSupportError: ${id} needs ${lacking.join(', ')}`);
	const most = adapter.limits.maxStorageBufferBindingSize;
	if (most < bufferBytes)
		throw new BackendError(
			'out-of-memory',
			`${id} needs GPU buffers of ${bufferBytes} bytes, and this GPU binds ${most}; choose a smaller model.`,
		);
	return adapter.info.description || adapter.info.vendor || 'unnamed adapter';
}
