/**
 * @file Library over an abstract disk: the disk interface, and all code that is the same on every disk.
 */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { checkContent } from './check.ts';
import { asLibraryError } from './failure.ts';
import {
	isPlainName,
	manifestName,
	manifestOf,
	nameOf,
	readManifest,
	writeManifest,
	type ListedFile,
	type Manifest,
} from './manifest.ts';
import { placeFor, withKept } from './place.ts';
import {
	LibraryError,
	type FileWriter,
	type Library,
	type LibraryEntry,
	type LibraryFile,
} from './library.ts';

/** A file on disk that holds something open. */
interface HeldSource extends ByteSource {
	close(): Promise<void>;
}

/** Disk operations of a library. Names have been checked; a folder is made when first written to. */
export interface Folders {
	names(): Promise<readonly string[]>;
	/** Undefined if there is no such file. */
	read(folder: string, file: string): Promise<string | undefined>;
	/** Whole or not at all. */
	write(folder: string, file: string, text: string): Promise<void>;
	/** Bytes; undefined if there is no such file. */
	size(folder: string, file: string): Promise<number | undefined>;
	open(folder: string, file: string): Promise<HeldSource>;
	/** Writes at the end; no second writer meanwhile (`blocked`). */
	append(folder: string, file: string, options: { readonly anew: boolean }): Promise<FileWriter>;
	remove(folder: string, file?: string): Promise<void>;
	/** One change at a time, across tabs or processes. */
	alone<T>(work: () => Promise<T>): Promise<T>;
	space(): Promise<{ readonly used: number; readonly quota: number } | undefined>;
	/** Milliseconds since 1970. */
	now(): number;
}

export function libraryOver(disk: Folders): Library {
	const attempt = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
		try {
			return await work();
		} catch (error) {
			throw asLibraryError(error, doing);
		}
	};

	const manifest = async (id: string): Promise<Manifest | undefined> => {
		if (!isPlainName(id)) return undefined;
		const text = await disk.read(id, manifestName);
		return text === undefined ? undefined : (readManifest(text) ?? broken(id));
	};
	const known = async (id: string): Promise<Manifest> => {
		const found = await manifest(id);
		if (found) return found;
		throw new LibraryError('no-such-model', `There is no model "${id}" here; list the models.`);
	};
	const fileOf = ({ files }: Manifest, id: string, name: string): ListedFile => {
		const found = files.find((file) => file.name === name);
		if (found) return found;
		throw new LibraryError('bad-file', `"${name}" is no file of the model "${id}".`);
	};
	const look = async (id: string, list: Manifest): Promise<LibraryEntry> => {
		const files: LibraryFile[] = [];
		for (const { checked, ...file } of list.files) {
			const held = (await disk.size(id, file.name)) ?? 0;
			const whole = checked && held === file.bytes;
			files.push({ ...file, held, state: whole ? 'complete' : 'partial' });
		}
		const sum = (of: 'bytes' | 'held') => files.reduce((total, file) => total + file[of], 0);
		const complete = files.length > 0 && files.every(({ state }) => state === 'complete');
		return {
			id,
			...list,
			files,
			bytes: sum('bytes'),
			held: sum('held'),
			state: complete ? 'complete' : 'partial',
		};
	};
	const entry = async (id: string): Promise<LibraryEntry | undefined> => {
		const list = await manifest(id);
		return list && (await look(id, list));
	};
	const all = async (): Promise<LibraryEntry[]> => {
		const found = await Promise.all((await disk.names()).filter(isPlainName).map(entry));
		return found
			.filter((one) => one !== undefined)
			.sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1));
	};
	/** Changes one file of the list. */
	const note = (id: string, name: string, change: Partial<ListedFile>): Promise<void> =>
		disk.alone(async () => {
			const list = await known(id);
			const files = list.files.map((file) => (file.name === name ? { ...file, ...change } : file));
			await disk.write(id, manifestName, writeManifest({ ...list, files }));
		});

	return {
		list: () => attempt('list the models', all),
		entry: (id) => attempt(`find "${id}"`, () => entry(id)),
		open: (id) =>
			attempt(`open "${id}"`, async () => {
				const found = await look(id, await known(id));
				const bad = found.files.find(({ state }) => state !== 'complete');
				if (bad ?? found.files.length === 0) throw notWhole(found, bad);
				const files: HeldSource[] = [];
				const close = async () => {
					for (const file of files) await file.close();
				};
				try {
					for (const file of found.files) files.push(await disk.open(id, file.name));
				} catch (error) {
					await close();
					throw error;
				}
				return { files, close };
			}),
		begin: (draft) =>
			attempt(`keep "${draft.name}"`, () =>
				disk.alone(async () => {
					const wanted = manifestOf(draft, disk.now());
					const { id, before } = await placeFor(draft, await all(), disk);
					const list = before ? withKept(wanted, before) : wanted;
					const kept = new Set(list.files);
					for (const old of before?.files ?? [])
						if (!kept.has(old)) await disk.remove(id, old.name);
					await disk.write(id, manifestName, writeManifest(list));
					return await look(id, list);
				}),
			),
		append: (id, name, { anew = false, version } = {}) =>
			attempt(`write "${name}"`, async () => {
				const { bytes, checked, version: old } = fileOf(await known(id), id, name);
				const held = (await disk.size(id, name)) ?? 0;
				const fresh = anew || held > bytes;
				const writer = await disk.append(id, name, { anew: fresh });
				try {
					if (checked || version !== old || fresh)
						await note(id, name, {
							checked: false,
							...(version === undefined ? {} : { version }),
						});
				} catch (error) {
					await writer.close();
					throw error;
				}
				return bounded(writer, name, bytes);
			}),
		finish: (id, name, options = {}) =>
			attempt(`check "${name}"`, async () => {
				const file = fileOf(await known(id), id, name);
				// A file of no bytes is never appended to.
				if (file.bytes === 0) await (await disk.append(id, name, { anew: true })).close();
				const source = await disk.open(id, name);
				let problem: LibraryError | undefined;
				let sha256: string | undefined;
				try {
					sha256 = await checkContent(source, file, options);
				} catch (error) {
					if (!(error instanceof LibraryError) || error.code !== 'corrupt') throw error;
					problem = error;
				} finally {
					await source.close();
				}
				if (problem) {
					await disk.remove(id, name);
					throw problem;
				}
				await note(id, name, { checked: true, ...(sha256 === undefined ? {} : { sha256 }) });
				return await look(id, await known(id));
			}),
		rename: (id, name) =>
			attempt(`rename "${id}"`, () =>
				disk.alone(async () => {
					const list = { ...(await known(id)), name: nameOf(name) };
					await disk.write(id, manifestName, writeManifest(list));
				}),
			),
		remove: (id) =>
			attempt(`delete "${id}"`, () =>
				disk.alone(async () => {
					if (isPlainName(id)) await disk.remove(id);
				}),
			),
		space: () => attempt('ask for the room left', () => disk.space()),
	};
}

/** Stands for a list that cannot be read, so that the model is seen and can be deleted. */
const broken = (id: string): Manifest => ({
	name: id,
	source: { kind: 'files' },
	files: [],
	addedAt: 0,
});

function notWhole({ id, name, files }: LibraryEntry, bad: LibraryFile | undefined): LibraryError {
	if (!bad || files.length === 0)
		return new LibraryError(
			'corrupt',
			`What belongs to "${name}" is not known any more; delete it and add it again (${id}).`,
		);
	return new LibraryError(
		'incomplete',
		`"${name}" is not complete: ${bad.name} has ${bad.held} of ${bad.bytes} checked bytes; resume its download, or add it again.`,
	);
}

/** Refuses more bytes than the file has. */
function bounded(writer: FileWriter, name: string, bytes: number): FileWriter {
	return {
		get held() {
			return writer.held;
		},
		async write(piece) {
			if (writer.held + piece.length > bytes)
				throw new LibraryError(
					'corrupt',
					`${name} is longer than the ${bytes} bytes it was said to have; try again, or choose another model.`,
				);
			try {
				await writer.write(piece);
			} catch (error) {
				throw asLibraryError(error, `write "${name}"`);
			}
		},
		close: () => writer.close(),
	};
}
