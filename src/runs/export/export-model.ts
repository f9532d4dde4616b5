/** @file Export of a model on disk with its adapter: PEFT, or GGUF for llama.cpp. */
import { mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackendError } from '#base/backend-error.ts';
import type { Adapter } from '#model/adapter.ts';
import { openModelFiles } from '#model/checkpoint/open.ts';
import { writePeftAdapter } from '#model/checkpoint/peft.ts';
import { pickTensors } from '#model/checkpoint/pick.ts';
import { loraShapes, weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { SessionFailure } from '#base/failure.ts';
import { asModelError, openModelPath } from '#platform/node-files.ts';
import { resolveModel } from '#library/resolve-model.ts';
import type { Store } from '#storage/runs/store.ts';
import { noSuchRun } from '../local-session.ts';
import { ggufPieces, needed, type ModelFormat } from './model-pieces.ts';
import { learntAdapter } from './transfer.ts';

const ownModels = fileURLToPath(new URL('../../../public/models/', import.meta.url));

/** Options of `exportModel`. */
export interface ExportModelOptions {
	readonly format: ModelFormat;
	/** A folder for `peft`, else a file; what is there is replaced when all is written. */
	readonly out: string;
	/** Reads the adapter, checked against the model; without one the base model is written. */
	readonly readAdapter?: (spec: ModelSpec) => Promise<Adapter>;
	readonly signal?: AbortSignal;
}

/** Files that were written. */
export interface WrittenExport {
	readonly files: readonly string[];
	readonly bytes: number;
}

/** Exports the model at a path; one weight is in memory at a time. */
export async function exportModel(
	path: string,
	{ format, out, readAdapter, signal }: ExportModelOptions,
): Promise<WrittenExport> {
	const files = await openModelPath(path);
	try {
		const model = await openModelFiles(files, signal ? { signal } : {});
		const adapter = await readAdapter?.(model.spec);
		const pieces = new Map<string, AsyncIterable<Uint8Array>>();
		if (format === 'peft')
			for (const [name, bytes] of writePeftAdapter(needed(adapter, format), {
				baseModel: model.name,
			}))
				pieces.set(join(out, name), once(bytes));
		else pieces.set(out, ggufPieces(model, format, adapter, signal));
		for (const file of pieces.keys()) await refuseOwn(file, path);
		let bytes = 0;
		for (const [file, content] of pieces) bytes += await writeFile(file, content, signal);
		return { files: [...pieces.keys()], bytes };
	} catch (error) {
		throw asModelError(error);
	} finally {
		for (const file of files) await file.close();
	}
}

/** The weights are still read while the export is written. */
async function refuseOwn(file: string, model: string): Promise<void> {
	const same = await Promise.all([file, model].map((path) => realpath(path).catch(() => null)));
	if (same[0] === null || same[0] !== same[1]) return;
	throw new SessionFailure('bad-request', `${file} is the model itself; choose another --out.`);
}

/** Under another name until it is whole, so that no half file is taken for a model. */
async function writeFile(
	path: string,
	pieces: AsyncIterable<Uint8Array>,
	signal: AbortSignal | undefined,
): Promise<number> {
	const part = `${path}.part`;
	try {
		await mkdir(dirname(path), { recursive: true });
		const file = await open(part, 'w');
		let bytes = 0;
		try {
			for await (const piece of pieces) {
				signal?.throwIfAborted();
				await file.writeFile(piece);
				bytes += piece.length;
			}
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(part, path);
		return bytes;
	} catch (error) {
		// A partial file cannot always be removed, and matters less than the error.
		await rm(part, { force: true }).catch(() => undefined);
		if (!(error instanceof Error && 'syscall' in error)) throw error;
		throw new BackendError(
			'not-available',
			`${path} cannot be written (${error.message}); free some space, or choose another --out.`,
			{ cause: error },
		);
	}
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
	yield bytes;
}

/** Exports the adapter of a run as GGUF, apart from or merged into its base model. */
export async function exportRunModel(
	store: Store,
	runId: string,
	options: {
		readonly format: Exclude<ModelFormat, 'peft'>;
		readonly out: string;
		/** Folder with a folder per model; a base model that is not there is a path or a fetched one. */
		readonly models?: string | undefined;
	},
): Promise<WrittenExport> {
	const { models = ownModels, format, out } = options;
	const run = await store.run(runId);
	if (!run) throw noSuchRun(runId);
	const adapter = await learntAdapter(run, store);
	const name = run.recipe.model;
	const own = join(models, name);
	const isOwn = await stat(join(own, 'config.json')).catch(() => null);
	return await exportModel(isOwn ? own : await resolveModel(name), {
		format,
		out,
		readAdapter: (spec) => Promise.resolve(fitted(adapter, spec)),
	});
}

/** An adapter with exactly the tensors that a model of this spec has for it, in their order. */
function fitted(adapter: Adapter, spec: ModelSpec): Adapter {
	const { parameters, tensors } = adapter;
	const shapes = parameters.kind === 'full' ? weightShapes(spec) : loraShapes(spec, parameters);
	return { parameters, tensors: pickTensors(tensors, shapes, 'The adapter of the run') };
}
