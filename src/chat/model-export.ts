/**
 * @file A tuned adapter as a GGUF file for llama.cpp, from the page: alone, or merged into its base model; what is merged is
 * opened again and compared with the adapter on its base.
 */
import { SessionFailure } from '#base/failure.ts';
import type { Adapter } from '#model/adapter.ts';
import { openModelFiles } from '#model/checkpoint/open.ts';
import { blobSource } from '#model/checkpoint/sources/memory.ts';
import { libraryPrefix } from '#platform/model-name.ts';
import type { HeldFiles } from '#platform/held-files.ts';
import type { OpenModel } from '#platform/platform.ts';
import { ggufPieces, type GgufFormat } from '#runs/export/model-pieces.ts';
import type { Library } from '#storage/library/library.ts';
import { compareModels, type Comparison } from './compare-models.ts';

/** A file that may be larger than a message between threads should be. */
export interface ExportedModel {
	readonly name: string;
	readonly blob: Blob;
	/** In Markdown, to lie beside it. */
	readonly card: string;
	/** Of a merged model, as it was read back. */
	readonly check: Comparison | null;
}

export interface ModelExportParts {
	/** Opens the files of a model of the library, by its id. */
	readonly openBase: Library['open'] | undefined;
	/** Opens files as a model of the library would be; the model closes them. */
	readonly openFiles: ((held: HeldFiles) => Promise<OpenModel>) | undefined;
}

/** Writes the file piece by piece; rejects with `bad-request` for a model that is not in the library. */
export async function exportAsGguf(
	{ openBase, openFiles }: ModelExportParts,
	base: OpenModel,
	adapter: Adapter,
	format: GgufFormat,
	{ id, card }: { readonly id: string; readonly card: string },
): Promise<ExportedModel> {
	if (!base.name.startsWith(libraryPrefix) || !openBase)
		throw new SessionFailure(
			'bad-request',
			'Only an adapter of a model from Models can be written as GGUF; export it for PEFT instead.',
		);
	const name = `${id}-${format.replace('gguf-', '')}.gguf`;
	const held = await openBase(base.name.slice(libraryPrefix.length));
	let blob: Blob;
	try {
		const model = await openModelFiles(held.files);
		const pieces: Blob[] = [];
		// A Blob may leave the memory; an array of bytes cannot.
		for await (const piece of ggufPieces(model, format, adapter))
			pieces.push(new Blob([new Uint8Array(piece)]));
		blob = new Blob(pieces, { type: 'application/octet-stream' });
	} finally {
		await held.close();
	}
	if (format === 'gguf-lora' || !openFiles) return { name, blob, card, check: null };
	const written = await openFiles({
		files: [blobSource(name, blob)],
		close: () => Promise.resolve(),
	});
	try {
		return { name, blob, card, check: await compareModels(base, adapter, written) };
	} finally {
		await written.dispose();
	}
}
