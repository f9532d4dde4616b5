/** @file The list of files beside each model, read with suspicion: it may be torn, or a stranger's. */
import { LibraryError, type LibraryDraft, type ModelFacts, type WantedFile } from './library.ts';
import type { LibraryEntry, LibrarySource } from './library.ts';

/** Name of the list in a model's folder; no file of a model may be called so. */
export const manifestName = 'library.json';

/** A file of the list: how much of it is there is asked of the disk. */
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

/** Throws where a file cannot be kept as it is described. */
export function checkFiles(files: readonly WantedFile[]): void {
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
		// Windows and macOS do not tell cases apart.
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

/** Undefined where the text is no list of files. */
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

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const optional = (value: unknown): string | undefined =>
	typeof value === 'string' ? value : undefined;

function parse(value: unknown): Manifest | undefined {
	if (!isFields(value) || value['format'] !== 1) return undefined;
	const { name, addedAt, files } = value;
	const source = readSource(value['source']);
	if (typeof name !== 'string' || typeof addedAt !== 'number' || !source) return undefined;
	if (!Array.isArray(files)) return undefined;
	const listed = (files as readonly unknown[]).map(readFile);
	if (listed.includes(undefined)) return undefined;
	const sound = listed.filter((file) => file !== undefined);
	checkFiles(sound);
	const facts = readFacts(value['facts']);
	const licence = optional(value['licence']);
	return {
		name: nameOf(name),
		source,
		...(licence === undefined ? {} : { licence }),
		...(facts === undefined ? {} : { facts }),
		files: sound,
		addedAt,
	};
}

function readFile(value: unknown): ListedFile | undefined {
	if (!isFields(value)) return undefined;
	const { name, bytes } = value;
	if (typeof name !== 'string' || typeof bytes !== 'number') return undefined;
	const texts = ['sha256', 'gitSha1', 'path', 'version'].flatMap((key) => {
		const text = optional(value[key]);
		return text === undefined ? [] : [[key, text] as const];
	});
	return { name, bytes, ...Object.fromEntries(texts), checked: value['checked'] === true };
}

function readSource(value: unknown): LibrarySource | undefined {
	if (!isFields(value)) return undefined;
	const { kind, repository, revision } = value;
	if (kind === 'files') return { kind };
	if (kind !== 'hub' || typeof repository !== 'string' || typeof revision !== 'string')
		return undefined;
	return { kind, repository, revision };
}

function readFacts(value: unknown): ModelFacts | undefined {
	if (!isFields(value)) return undefined;
	const { architecture, parameters, contextLength, form } = value;
	if (typeof architecture !== 'string' || typeof form !== 'string') return undefined;
	if (typeof parameters !== 'number' || typeof contextLength !== 'number') return undefined;
	return { architecture, parameters, contextLength, form };
}
