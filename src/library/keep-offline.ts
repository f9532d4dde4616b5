/**
 * @file Offline cache of the runtime of local models, warmed by one use: the service worker caches everything the page
 * has loaded, so that a model works offline even if it was never opened online.
 */
import { Graph } from '#graph/graph.ts';
import { serialise } from '#graph/onnx.ts';
import { openThreadedWasmRuntime } from '#graph/runtime/browser.ts';
import { feedFloat } from '#graph/runtime/runtime.ts';
import { openBrowserKernel } from '#kernel/browser.ts';

/** ONNX Runtime for wasm (some 14 MB), which a seedling uses too, and the kernel, which only models of one's own do. */
const parts = [
	/\/ort-wasm-simd-threaded[^/.]*\.wasm$/,
	/\/(?:relaxed|plain)(?:-threads)?-[^/]*\.wasm$/,
];

/** Once in a worker's life: files that are cached already come out of the cache. */
let used: Promise<void> | undefined;

/**
 * Resolves with true if all is cached; with false if there is no service worker, or if files are missing and there is no
 * network. `base` is the address of the page.
 */
export async function keepOffline(base: string): Promise<boolean> {
	// Missing on pages served over plain http, whatever the type says.
	const storage = globalThis.caches as CacheStorage | undefined;
	if (!storage) return false;
	const mine = `evolvarium ${new URL('./', base).href} `;
	const isKept = async (): Promise<boolean> => {
		const names = (await storage.keys()).filter((name) => name.startsWith(mine));
		const kept = await Promise.all(
			names.map(async (name) => (await (await storage.open(name)).keys()).map(({ url }) => url)),
		);
		return parts.every((part) => kept.some((urls) => urls.some((url) => part.test(url))));
	};
	try {
		await (used ??= useOnce());
		return await isKept();
	} catch {
		used = undefined;
		return false; // missing, and no network: the list of models says so
	}
}

/** Starts the kernel, and runs the smallest graph there is, so that all parts of both are loaded, threads and all. */
async function useOnce(): Promise<void> {
	const graph = new Graph('once');
	graph.output(graph.input('x', 'float32', [1]), 'y');
	const kernel = await openBrowserKernel();
	await kernel.dispose();
	const runtime = await openThreadedWasmRuntime();
	try {
		const session = await runtime.open(serialise(graph));
		await session.run({ x: feedFloat(Float32Array.of(1), [1]) });
		await session.release();
	} finally {
		await runtime.dispose();
	}
}
