/** @file The platform of the page's worker: IndexedDB and OPFS, models fetched from the site, wasm or WebGPU. */
import {
	createEndpointEngine,
	findEndpoint,
	type EndpointParts,
} from '#engines/endpoint/endpoint-engine.ts';
import { type Engine } from '#engines/engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { findGpu } from '#graph/runtime/gpu.ts';
import {
	openThreadedWasmRuntime,
	openWasmRuntime,
	openWebGpuRuntime,
} from '#graph/runtime/browser.ts';
import { openBrowserKernel } from '#kernel/browser.ts';
import { loraTargets } from '#model/adapter.ts';
import type { ReadFile } from '#model/checkpoint/load.ts';
import { openDexieStore } from '#storage/runs/dexie.ts';
import type { Library } from '#storage/library/library.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { StoreError, type Store } from '#storage/runs/store.ts';
import { namedRuntime } from './backends/gpu-failure.ts';
import { SessionFailure } from '#base/failure.ts';
import { keepOffline } from '#library/keep-offline.ts';
import { openLocalServer } from './local-server/open-local-server.ts';
import { isCalled, libraryPrefix } from './model-name.ts';
import type { HeldFiles } from './held-files.ts';
import {
	openLarge,
	openLargeOnGpu,
	openSmall,
	type Backends,
	type PageConditions,
} from './open-model.ts';
import type { OpenModel, Platform } from './platform.ts';
import type { OpenOptions } from './compute.ts';
import { isWithinReach, outOfReach, type Elsewhere } from './roles/roles.ts';
import { pageSandbox } from './sandbox/browser.ts';

/**
 * Opens the store; models are opened when a run asks for them. `library` holds the models of the person's own; without it
 * there are the site's alone.
 */
export async function openBrowserPlatform(
	options: OpenOptions,
	library?: Pick<Library, 'open' | 'list'>,
): Promise<Platform> {
	const { store, note: storeNote } = await openStore();
	const withNotes = (model: OpenModel, ...notes: (string | undefined)[]): OpenModel => {
		const note = [storeNote, ...notes].filter((text) => text !== undefined).join(' ');
		return note === '' ? model : { ...model, note };
	};
	const openSite = async (name: string, page: PageConditions): Promise<OpenModel> => {
		const conditions = { at: 'page', size: 'small', ...page } as const;
		const model = await openSmall(name, reader(options.base, name), conditions, backends);
		return withNotes(model, model.note);
	};
	const openFilesOf = async (name: string): Promise<HeldFiles> => {
		if (!library) throw noLibrary();
		const id = await idOf(name, library);
		if (id === undefined) throw noSuchModel(name);
		return library.open(id);
	};
	return {
		store,
		openModel: async (name) => {
			if (isOfSite(name)) {
				const { compute = 'auto' } = options;
				return openSite(name, { compute, gpu: compute === 'wasm' ? null : await findGpu() });
			}
			// Any LoRA can then come and go without the weights being read again.
			const own = { name, targets: loraTargets };
			const files = await openLarge(await openFilesOf(name), 'page', backends, own);
			return withNotes(await files.openEngine());
		},
		openFiles: async (held) => (await openLarge(held, 'page', backends)).openEngine(),
		fullName: async (name) => {
			const id = library && !isOfSite(name) ? await idOf(name, library) : undefined;
			return id === undefined ? name : libraryPrefix + id;
		},
		openFallback: async (name, lost) =>
			// A model of the library is on wasm already.
			isOfSite(name) ? openSite(name, { lost }) : undefined,
		openOnGpu: async (name) => {
			const gpu = await findGpu();
			if (!gpu) return 'This browser offers no WebGPU.';
			if (gpu.isEmulated) return `WebGPU is only emulated here (${gpu.name}).`;
			return isOfSite(name)
				? openSite(name, { compute: 'webgpu', gpu })
				: openLargeOnGpu(await openFilesOf(name), backends, name);
		},
		openElsewhere,
		sandbox: pageSandbox,
		keepOffline: () => keepOffline(options.base),
		now: () => Date.now(),
	};
}

/** Seedlings come with the page; all others are the person's own. */
const isOfSite = (name: string): boolean => Object.hasOwn(alphabets, name);

/** The entry that is meant: by its id, or the first whole one whose name begins so. */
async function idOf(name: string, library: Pick<Library, 'list'>): Promise<string | undefined> {
	if (name.startsWith(libraryPrefix)) return name.slice(libraryPrefix.length);
	const entries = await library.list();
	return entries.find(({ state, name: own }) => state === 'complete' && isCalled(own, name))?.id;
}

const noSuchModel = (name: string): BackendError =>
	new BackendError(
		'bad-model',
		`There is no model "${name}" here; fetch or open one in Models, and choose it as the base model of the run.`,
	);

/** Models for roles that are not the run's own. */
async function openElsewhere(elsewhere: Elsewhere): Promise<Engine> {
	switch (elsewhere.kind) {
		case 'endpoint': {
			return openEndpoint(elsewhere.url, elsewhere.model);
		}
		case 'web-llm': {
			// Loaded late: few runs need so large a package.
			const { webLlmModels } = await import('#engines/web-llm/models.ts');
			const known = await webLlmModels();
			const model = known.find(({ id }) => id === elsewhere.model);
			if (!model)
				throw new BackendError(
					'bad-model',
					`web-llm has no model "${elsewhere.model}"; write one of its names, such as ${known[0]?.id ?? 'those it lists'}.`,
				);
			const { openWebLlmEngine } = await import('#engines/web-llm/open.ts');
			return openWebLlmEngine({ model });
		}
		default:
			return elsewhere satisfies never;
	}
}

/** A server that a person has named, of those that the content security policy lets this page ask. */
async function openEndpoint(url: string, model: string): Promise<Engine> {
	const { origin } = location;
	if (!isWithinReach(url, origin)) throw new SessionFailure('bad-request', outOfReach(url));
	const server = openLocalServer(url);
	const parts: EndpointParts = {
		fetch: server.fetch,
		url,
		model,
		// A browser does not say which of these it is.
		remedy: `Check that the server runs, and that it lets this page ask (CORS): start Ollama with OLLAMA_ORIGINS=${origin}; llama.cpp and vLLM allow it unless told otherwise. Then go on with the run.`,
	};
	try {
		const engine = createEndpointEngine(parts);
		await findEndpoint(parts);
		return {
			...engine,
			dispose: async () => {
				await engine.dispose();
				server.close();
			},
		};
	} catch (error) {
		server.close();
		throw error;
	}
}

/** Above this many bytes of weights, a copy of them on each worker is too much. */
const mostPerWorker = 64e6;

const backends: Backends = {
	runtime: async (place, bytes = 0) =>
		place === 'webgpu'
			? namedRuntime(await openWebGpuRuntime())
			: bytes > mostPerWorker
				? openThreadedWasmRuntime()
				: openWasmRuntime(),
	kernel: () => openBrowserKernel(),
};

const noLibrary = (): BackendError =>
	new BackendError(
		'not-available',
		'This browser keeps no files for this page, so it holds no models of yours: open the page over https, outside private browsing.',
	);

/** Persistent store if the browser has one; else a store in memory, with a message. */
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

const unreachable = (model: string, file: string, why: string, cause?: unknown): BackendError =>
	new BackendError(
		'bad-model',
		`The model file ${model}/${file} could not be fetched (${why}); go online and try again.`,
		{ cause },
	);
