/** @file Kernel in a web worker; its other threads are workers too if the page is cross-origin isolated. */
import { BackendError } from '#base/backend-error.ts';
import plainThreads from './wasm/plain-threads.wasm?url';
import plain from './wasm/plain.wasm?url';
import relaxedThreads from './wasm/relaxed-threads.wasm?url';
import relaxed from './wasm/relaxed.wasm?url';
import { startKernel, type Kernel } from './kernel.ts';

/** Starts the kernel with `threads` threads, in the fastest build that this browser supports; not for the main thread. */
export async function openBrowserKernel(
	threads = Math.min(4, Math.max(1, navigator.hardwareConcurrency || 1)),
): Promise<Kernel> {
	if (!globalThis.crossOriginIsolated) return open(threads, false);
	return open(threads, true).catch((error: unknown) => {
		if (!(error instanceof BackendError) || error.code !== 'out-of-memory') throw error;
		// Shared memory reserves its whole address space at once; unshared memory grows.
		return open(threads, false);
	});
}

async function read(url: string): Promise<ArrayBuffer> {
	const missing = (why: string, cause?: unknown): BackendError =>
		new BackendError(
			'not-available',
			`A part of this page could not be fetched (${url}: ${why}); go online and reload the page.`,
			{ cause },
		);
	const answer = await fetch(new URL(url, self.location.href)).catch((cause: unknown) => {
		throw missing('no network', cause);
	});
	if (!answer.ok) throw missing(`status ${answer.status}`);
	return answer.arrayBuffer();
}

async function open(threads: number, isShared: boolean): Promise<Kernel> {
	let bytes = await read(isShared ? relaxedThreads : relaxed);
	if (!WebAssembly.validate(bytes)) bytes = await read(isShared ? plainThreads : plain);
	const module = await WebAssembly.compile(bytes);
	return startKernel(module, isShared ? threads : 1, isShared, async (helper) => {
		const worker = new Worker(new URL('./browser-thread.ts', import.meta.url), {
			type: 'module',
		});
		const stop = (): Promise<void> => {
			worker.terminate();
			return Promise.resolve();
		};
		const message = await new Promise<string>((resolve) => {
			worker.onmessage = ({ data }: MessageEvent<string>) => {
				resolve(data);
			};
			worker.onerror = (event) => {
				event.preventDefault();
				resolve(event.message);
			};
			worker.postMessage(helper);
		});
		if (message === 'ready') return { stop };
		await stop();
		throw new Error(`a thread of the kernel did not start: ${message}`);
	});
}
