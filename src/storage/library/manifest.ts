/** @file Manifest of a model and its schema; a stored manifest is untrusted: it may be torn, or a stranger's. */
import * as v from 'valibot';
import { lenient, list, object, readOr, withoutGaps, type Schema } from '#base/schema.ts';
import { LibraryError, type LibraryDraft, type ModelFacts, type WantedFile } from './library.ts';
import type { LibraryEntry, LibrarySource } from './library.ts';

/** Name of the list in a model's folder; no file of a model may be called so. */
export const manifestName = 'library.json';

/** File of the manifest; its present size is read from the disk. */
export interface ListedFile extends WantedFile {
	/** Its hash was checked. */
	readonly checked: boolean;
	readonly version?: string;
}

export type Manifest = Omit<LibraryEntry, 'id' | 'files' | 'bytes' | 'held' | 'state'> & {
	readonly files: readonly ListedFile[];
};

const longestName = 200;
const mostFiles = 1000;
/** 16 TiB: beyond any model, and exact in a double. */
const mostBytes = 2 ** 44;

/** Names that Windows keeps for devices, with any ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** One name on any disk: no path, not hidden, no device. */
export const isPlainName = (name: string): boolean =>
	/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) &&
	name.length <= longestName &&
	!name.endsWith('.') &&
	!device.test(name) &&
	name !== manifestName;

/** A name for a folder, made of what a person would recognise. */
export function folderName(name: string): string {
	const plain = name
		.replaceAll('/', '--')
		.replace(/[^A-Za-z0-9._-]+/g, '-')
		.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
		.slice(0, 120);
	if (plain === '') return 'model';
	return isPlainName(plain) ? plain : `model-${plain}`;
}

const hash256 = /^[0-9a-f]{64}$/;
const hash1 = /^[0-9a-f]{40}$/;

/** Throws if a file cannot be kept as it is described. */
function checkFiles(files: readonly WantedFile[]): void {
	const fail = (problem: string): never => {
		throw new LibraryError('bad-file', problem);
	};
	if (files.length === 0) fail('There is no file to keep; choose a model.');
	if (files.length > mostFiles)
		fail(`The model has ${files.length} files; ${mostFiles} are allowed. Choose one file of it.`);
	const seen = new Set<string>();
	for (const { name, bytes, sha256, gitSha1 } of files) {
		const shown = JSON.stringify(name.slice(0, longestName));
		if (!isPlainName(name))
			fail(`${shown} is no name for a file: letters, digits, ".", "_" and "-" are; rename it.`);
		// File names are case-insensitive on Windows and macOS.
		if (seen.has(name.toLowerCase())) fail(`Two files are called ${shown}; choose one of them.`);
		seen.add(name.toLowerCase());
		if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > mostBytes)
			fail(`${shown} claims ${String(bytes)} bytes, which no model has; choose another.`);
		if ((sha256 !== undefined && !hash256.test(sha256)) || (gitSha1 && !hash1.test(gitSha1)))
			fail(`The hash of ${shown} is none; choose another model.`);
	}
}

/** The list of a new model. */
export function manifestOf(draft: LibraryDraft, addedAt: number): Manifest {
	checkFiles(draft.files);
	const { name, source, licence, facts } = draft;
	return {
		name: nameOf(name),
		source,
		...(licence === undefined ? {} : { licence }),
		...(facts === undefined ? {} : { facts }),
		files: draft.files.map(({ name: file, bytes, sha256, gitSha1, path }) => ({
			name: file,
			bytes,
			...(sha256 === undefined ? {} : { sha256 }),
			...(gitSha1 === undefined ? {} : { gitSha1 }),
			...(path === undefined ? {} : { path }),
			checked: false,
		})),
		addedAt,
	};
}

/** One line, not too long. */
export function nameOf(name: string): string {
	const line = name.replaceAll(/\s+/g, ' ').trim().slice(0, longestName);
	if (line === '') throw new LibraryError('bad-file', 'A model needs a name; type one.');
	return line;
}

/** Undefined if the text is no list of files. */
export function readManifest(text: string): Manifest | undefined {
	try {
		return parse(JSON.parse(text));
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof LibraryError) return undefined;
		throw error;
	}
}

export const writeManifest = (manifest: Manifest): string =>
	`${JSON.stringify({ format: 1, ...manifest }, null, '\t')}\n`;

const string = v.string('is not text');
const aNumber = v.number('is not a number');

const sourceSchema = v.variant('kind', [
	object({ kind: v.literal('files') }),
	object({ kind: v.literal('hub'), repository: string, revision: string }),
]) satisfies Schema<LibrarySource>;

const factsSchema = object({
	architecture: string,
	parameters: aNumber,
	contextLength: aNumber,
	form: string,
}) satisfies Schema<ModelFacts>;

/** Hashes, paths, licence and facts that are of no use are left out; a list of files that is not whole is none. */
const fileSchema = v.pipe(
	object({
		name: string,
		bytes: aNumber,
		sha256: lenient(string),
		gitSha1: lenient(string),
		path: lenient(string),
		version: lenient(string),
		checked: v.fallback(v.boolean(), false),
	}),
	v.transform((file): ListedFile => withoutGaps(file)),
);

export const manifestSchema = v.pipe(
	object({
		format: v.literal(1),
		name: string,
		source: sourceSchema,
		licence: lenient(string),
		facts: lenient(factsSchema),
		files: list(fileSchema),
		addedAt: aNumber,
	}),
	v.transform(({ format: _format, ...manifest }): Manifest => withoutGaps(manifest)),
);

function parse(value: unknown): Manifest | undefined {
	const manifest = readOr(manifestSchema, value);
	if (!manifest) return undefined;
	checkFiles(manifest.files);
	return { ...manifest, name: nameOf(manifest.name) };
}
