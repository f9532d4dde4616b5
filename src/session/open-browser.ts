/** @file The platform of the page's worker: IndexedDB and OPFS, models fetched from the site, wasm or WebGPU. */
import { EngineError } from '#engines/engine.ts';
import { openWasmRuntime, openWebGpuRuntime } from '#graph/runtime/browser.ts';
import type { ReadFile } from '#model/checkpoint/load.ts';
import { openDexieStore } from '#storage/dexie.ts';
import { openMemoryStore } from '#storage/memory.ts';
import { StoreError, type Store } from '#storage/store.ts';
import { openOnnxModel } from './onnx-model.ts';
import type { OpenModel, Platform } from './platform.ts';
import type { OpenOptions } from './protocol.ts';

type Runtime = NonNullable<OpenOptions['runtime']>;

export async function openBrowserPlatform(options: OpenOptions): Promise<Platform> {
	const { store, note: storeNote } = await openStore();
	const open = async (name: string, runtime: Runtime, why?: string): Promise<OpenModel> => {
		const read = reader(options.base, name);
		const notes = (...more: (string | undefined)[]): string | undefined =>
			[storeNote, why, ...more].filter((text) => text !== undefined).join(' ') || undefined;
		if (runtime !== 'webgpu') return openOnnxModel(read, () => openWasmRuntime(), notes());
		try {
			return await openOnnxModel(read, openWebGpuRuntime, notes());
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			const fallback = notes(`${reason} It runs on the processor (wasm) instead.`);
			return openOnnxModel(read, () => openWasmRuntime(), fallback);
		}
	};
	return {
		store,
		openModel: (name) => open(name, options.runtime ?? 'auto'),
		openFallback: async (name, failure) =>
			open(name, 'wasm', `${failure.message} The run went on from its last finished step on wasm.`),
		now: () => Date.now(),
	};
}

/** Keeps runs where the browser lets us; else in memory, and says so. */
async function openStore(): Promise<{ readonly store: Store; readonly note?: string }> {
	try {
		return { store: await openDexieStore() };
	} catch (error) {
		if (!(error instanceof StoreError)) throw error;
		return {
			store: openMemoryStore(),
			note: `This browser keeps nothing for this page, so runs end with the tab. ${error.message}`,
		};
	}
}

const reader =
	(base: string, model: string): ReadFile =>
	async (name) => {
		const url = new URL(`models/${model}/${name}`, base);
		const response = await fetch(url).catch((cause: unknown) => {
			throw unreachable(model, name, 'the network is down', cause);
		});
		if (!response.ok) throw unreachable(model, name, `status ${response.status}`);
		return new Uint8Array(await response.arrayBuffer());
	};

const unreachable = (model: string, file: string, why: string, cause?: unknown): EngineError =>
	new EngineError(
		'bad-model',
		`The model file ${model}/${file} could not be fetched (${why}); go online and try again.`,
		{ cause },
	);
