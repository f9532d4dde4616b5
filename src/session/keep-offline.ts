/**
 * @file What a model of one's own speaks and learns with, used once ahead of need: the service worker keeps what the page
 * has used, so that a model works offline which was never opened online.
 */
import { Graph } from '#graph/graph.ts';
import { serialise } from '#graph/onnx.ts';
import { openThreadedWasmRuntime } from '#graph/runtime/browser.ts';
import { feedFloat } from '#graph/runtime/runtime.ts';

/** ONNX Runtime for wasm, the largest of its parts (some 14 MB). */
const engine = /\/ort-wasm-simd-threaded[^/.]*\.wasm$/;

/**
 * Resolves with whether it is kept; false where no service worker keeps anything, or where it is missing and there is no
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
		return kept.some((urls) => urls.some((url) => engine.test(url)));
	};
	try {
		if (!(await isKept())) await useOnce();
		return await isKept();
	} catch {
		return false; // it is missing, and there is no network: said where the model is listed
	}
}

/** Runs the smallest graph there is, so that all parts of the run-time are loaded, threads and all. */
async function useOnce(): Promise<void> {
	const graph = new Graph('once');
	graph.output(graph.input('x', 'float32', [1]), 'y');
	const runtime = await openThreadedWasmRuntime();
	try {
		const session = await runtime.open(serialise(graph));
		await session.run({ x: feedFloat(Float32Array.of(1), [1]) });
		await session.release();
	} finally {
		await runtime.dispose();
	}
}
