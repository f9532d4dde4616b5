/**
 * @file Entrance examination shipped beside a model: read with it, under a hash of the files that decide its answers.
 */
import { startSha256 } from '#storage/files/sha256.ts';
import type { ReadFile } from '#model/checkpoint/load.ts';

/** Name of the file in the model's folder. */
export const entranceFile = 'examination.json';

/** A shipped examination as it was found. Its schema and key are those of `runs/stored/entrance.ts`. */
export interface Entrance {
	/** SHA-256 of the files of the model that is open, in hex. */
	readonly model: string;
	/** Parsed JSON, unchecked. */
	readonly stored: unknown;
}

/** Reader that hashes names and bytes as they are read. */
export function hashedReader(read: ReadFile): { readonly read: ReadFile; finish(): string } {
	const hash = startSha256();
	const encoder = new TextEncoder();
	return {
		read: async (name) => {
			const bytes = await read(name);
			hash.update(encoder.encode(`${name} ${bytes.length}\n`));
			hash.update(bytes);
			return bytes;
		},
		finish: () => hash.finish(),
	};
}

/** Null if none is shipped, or it is no JSON: then the examination is sat. */
export async function readEntrance(read: ReadFile, model: string): Promise<Entrance | null> {
	try {
		const stored: unknown = JSON.parse(new TextDecoder().decode(await read(entranceFile)));
		return { model, stored };
	} catch {
		return null;
	}
}
