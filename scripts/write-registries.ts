/** @file Writes the indexes of parts anew where they are stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { registries } from './registries.ts';

/** Returns the paths that were written, relative to `root`. */
export async function writeRegistries(root: string): Promise<readonly string[]> {
	const written: string[] = [];
	for (const { path, text } of await registries(root)) {
		if (textOf(join(root, path)) === text) continue;
		writeFileSync(join(root, path), text);
		written.push(path);
	}
	return written;
}

function textOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
