/** @file The platform of the terminal: a folder or memory for the store, onnxruntime-node for the model. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { EngineError } from '#engines/engine.ts';
import { openDirectoryStore } from '#storage/directory.ts';
import { openMemoryStore } from '#storage/memory.ts';
import { openOnnxModel } from './onnx-model.ts';
import type { Platform } from './platform.ts';

export interface NodePlatformOptions {
	/** Folder of the store; undefined forgets everything at the end. */
	readonly folder?: string | undefined;
	/** Folder with a folder per model. */
	readonly models?: string | undefined;
	/** Threads of ONNX Runtime; one thread gives the same numbers on every machine of a kind. */
	readonly threads?: number | undefined;
}

const ownModels = fileURLToPath(new URL('../../public/models/', import.meta.url));

export async function openNodePlatform(options: NodePlatformOptions = {}): Promise<Platform> {
	const { folder, models = ownModels, threads } = options;
	return {
		store: folder === undefined ? openMemoryStore() : await openDirectoryStore(folder),
		openModel: async (name) => {
			await checkModel(models, name);
			return openOnnxModel(
				(file) => readFile(`${models}/${name}/${file}`),
				// Loaded late: `list` and wrong flags must not wait for it.
				async () => (await import('#graph/runtime/node.ts')).openNodeRuntime(threads),
			);
		},
		now: () => Date.now(),
	};
}

async function checkModel(models: string, name: string): Promise<void> {
	const entries = await readdir(models, { withFileTypes: true }).catch(() => []);
	const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
	if (names.includes(name)) return;
	throw new EngineError(
		'bad-model',
		`There is no model "${name}" in ${models}; there ${names.length > 0 ? `are ${names.join(', ')}` : 'is none'}. Make it with npm run pretrain.`,
	);
}
