/** @file ONNX Runtime in a page or worker: one-thread wasm workers on several cores, or one WebGPU worker. */
import { findGpu } from './gpu.ts';
import { startRemoteWorker } from './remote-worker.ts';
import { createPool } from './pool.ts';
import type { GraphRuntime } from './runtime.ts';

/** Memory shared with the workers if the page is cross-origin isolated; otherwise it is copied to them. */
const floats = (size: number): Float32Array =>
	globalThis.crossOriginIsolated
		? new Float32Array(new SharedArrayBuffer(4 * size))
		: new Float32Array(size);

/** Opens `count` workers with one wasm thread each (default: one per core, four at most). */
export async function openWasmRuntime(
	count = Math.min(4, Math.max(1, navigator.hardwareConcurrency || 1)),
): Promise<GraphRuntime> {
	const started = await Promise.allSettled(
		Array.from({ length: count }, () => startRemoteWorker({ provider: 'wasm', threads: 1 })),
	);
	const workers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
	for (const one of started)
		if (one.status === 'rejected') {
			await Promise.all(workers.map((one) => one.dispose()));
			throw one.reason;
		}
	return createPool(workers, `wasm, ${count} ${count === 1 ? 'worker' : 'workers'}`, floats);
}

/**
 * Opens one worker with several threads, for models too large to copy to each worker. One thread if the page is not
 * isolated.
 */
export async function openThreadedWasmRuntime(
	threads = globalThis.crossOriginIsolated
		? Math.min(4, Math.max(1, navigator.hardwareConcurrency || 1))
		: 1,
): Promise<GraphRuntime> {
	const worker = await startRemoteWorker({ provider: 'wasm', threads });
	return createPool([worker], `wasm, ${threads} ${threads === 1 ? 'thread' : 'threads'}`, floats);
}

/** Opens ONNX Runtime's WebGPU back end; rejects without a GPU. */
export async function openWebGpuRuntime(): Promise<GraphRuntime> {
	const gpu = await findGpu();
	if (!gpu)
		throw new Error(
			'This browser offers no WebGPU adapter; use wasm, or a browser with WebGPU on.',
		);
	const worker = await startRemoteWorker({ provider: 'webgpu', threads: 1 });
	return createPool([worker], gpu.name === '' ? 'WebGPU' : `WebGPU (${gpu.name})`, floats);
}
