/** @file The platform of the terminal: a folder or memory for the store, onnxruntime-node for its models. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createEndpointEngine, findEndpoint } from '#engines/endpoint/endpoint-engine.ts';
import { type Engine } from '#engines/engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { loraTargets } from '#model/adapter.ts';
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { LibraryError } from '#storage/library/library.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import type { LargeModel, LargeModelOptions } from './large-model.ts';
import { openModelPath } from './node-files.ts';
import { openLarge, openSmall, type Backends } from './open-model.ts';
import type { Platform } from './platform.ts';
import { resolveModel } from '#library/resolve-model.ts';
import type { Elsewhere } from './roles/roles.ts';
import { openNodeSandbox } from './sandbox/node.ts';

/** Folders of the terminal's runs and models. */
export interface NodePlatformOptions {
	/** Folder of the store; undefined forgets everything at the end. */
	readonly folder?: string | undefined;
	/** The store is only read: nothing in its folder changes, not even to tidy it. */
	readonly readOnly?: boolean;
	/** Folder with a folder per model. */
	readonly models?: string | undefined;
	/** Threads of ONNX Runtime; one thread gives the same numbers on every machine of a kind. */
	readonly threads?: number | undefined;
}

const ownModels = fileURLToPath(new URL('../../public/models/', import.meta.url));

/** Opens the store; models are opened when a run asks for them. */
export async function openNodePlatform(options: NodePlatformOptions = {}): Promise<Platform> {
	const { folder, models = ownModels, threads, readOnly = false } = options;
	return {
		store:
			folder === undefined ? openMemoryStore() : await openDirectoryStore(folder, { readOnly }),
		openModel: async (name) => {
			const own = await folders(models);
			const backends = backendsOf(threads);
			if (own.includes(name)) {
				const read = (file: string) => readFile(`${models}/${name}/${file}`);
				return openSmall(name, read, { at: 'terminal', size: 'small' }, backends);
			}
			const path = await resolveModel(name).catch((error: unknown) => {
				throw noModel(name, models, own, error);
			});
			// Any LoRA can then come and go without the weights being read again.
			const files = await openModelAt(path, { name, threads, targets: loraTargets });
			return files.openEngine();
		},
		openElsewhere,
		sandbox: openNodeSandbox(),
		now: () => Date.now(),
	};
}

/** Options of `openModelAt`. */
export interface NodeModelOptions extends LargeModelOptions {
	/** Threads of ONNX Runtime; by default up to four. */
	readonly threads?: number | undefined;
}

/** Opens a `.gguf` file, a folder of Hugging Face, or a checkpoint of llama2.c. */
export async function openModelAt(
	path: string,
	{ threads, ...options }: NodeModelOptions = {},
): Promise<LargeModel> {
	const files = await openModelPath(path);
	const close = async (): Promise<void> => {
		for (const file of files) await file.close();
	};
	return openLarge({ files, close }, 'terminal', backendsOf(threads), options);
}

/** Loaded late: `list`, wrong flags and wrong files must not wait for them. */
const backendsOf = (threads: number | undefined): Backends => ({
	runtime: async () => (await import('#graph/runtime/node.ts')).openNodeRuntime(threads),
	kernel: async () => (await import('#kernel/node.ts')).openNodeKernel(threads),
});

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

/** An incomplete model fails with its own message. */
const noModel = (name: string, models: string, own: readonly string[], cause: unknown): unknown =>
	cause instanceof LibraryError && cause.code !== 'no-such-model'
		? cause
		: new BackendError(
				'bad-model',
				`There is no model "${name}"; give the path of a .gguf file or of a folder with config.json, the name of one that was fetched, or one of ${models}, where there ${own.length > 0 ? `are ${own.join(', ')}` : 'is none'}.`,
				{ cause },
			);
