/** @file The platform of the terminal: a folder or memory for the store, onnxruntime-node for the model. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createEndpointEngine, findEndpoint } from '#engines/endpoint/endpoint-engine.ts';
import { type Engine } from '#engines/engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { LibraryError } from '#storage/library/library.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { openLibraryModel } from './library-model.ts';
import { openModelPath } from './node-files.ts';
import { openOnnxModel } from './onnx-model.ts';
import type { Platform } from './platform.ts';
import { resolveModel } from '#library/resolve-model.ts';
import type { Elsewhere } from './roles.ts';

/** Where the terminal keeps runs and finds models. */
export interface NodePlatformOptions {
	/** Folder of the store; undefined forgets everything at the end. */
	readonly folder?: string | undefined;
	/** Folder with a folder per model. */
	readonly models?: string | undefined;
	/** Threads of ONNX Runtime; one thread gives the same numbers on every machine of a kind. */
	readonly threads?: number | undefined;
}

const ownModels = fileURLToPath(new URL('../../public/models/', import.meta.url));

/** Opens the store; models are opened when a run asks for them. */
export async function openNodePlatform(options: NodePlatformOptions = {}): Promise<Platform> {
	const { folder, models = ownModels, threads } = options;
	return {
		store: folder === undefined ? openMemoryStore() : await openDirectoryStore(folder),
		openModel: async (name) => {
			const own = await folders(models);
			// Loaded late: `list` and wrong flags must not wait for it.
			const openRuntime = async () =>
				(await import('#graph/runtime/node.ts')).openNodeRuntime(threads);
			if (own.includes(name))
				return openOnnxModel((file) => readFile(`${models}/${name}/${file}`), openRuntime);
			const path = await resolveModel(name).catch((error: unknown) => {
				throw noModel(name, models, own, error);
			});
			const files = await openModelPath(path);
			const close = async (): Promise<void> => {
				for (const file of files) await file.close();
			};
			return openLibraryModel(
				{ files, close },
				{
					place: 'node',
					runtime: openRuntime,
					kernel: async () => (await import('#kernel/node.ts')).openNodeKernel(threads),
				},
			);
		},
		openElsewhere,
		now: () => Date.now(),
	};
}

/** A server that a person has named; its key is never kept with a run. */
async function openElsewhere(elsewhere: Elsewhere): Promise<Engine> {
	if (elsewhere.kind === 'web-llm')
		throw new BackendError(
			'not-available',
			'web-llm needs a browser with WebGPU; in the terminal use an endpoint.',
		);
	const key = process.env['EVOLVARIUM_ENDPOINT_KEY'];
	const { url, model } = elsewhere;
	const parts = {
		fetch,
		url,
		model,
		...(key !== undefined && { key }),
		remedy: 'Check that the server runs, and its address.',
	};
	const engine = createEndpointEngine(parts);
	await findEndpoint(parts);
	return engine;
}

async function folders(models: string): Promise<readonly string[]> {
	const entries = await readdir(models, { withFileTypes: true }).catch(() => []);
	return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** What is there but not whole says so itself. */
const noModel = (name: string, models: string, own: readonly string[], cause: unknown): unknown =>
	cause instanceof LibraryError && cause.code !== 'no-such-model'
		? cause
		: new BackendError(
				'bad-model',
				`There is no model "${name}"; give the path of a .gguf file or of a folder with config.json, the name of one that was fetched, or one of ${models}, where there ${own.length > 0 ? `are ${own.join(', ')}` : 'is none'}.`,
				{ cause },
			);
