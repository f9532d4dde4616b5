/**
 * @file Import of a person's files as rows to learn from: the format of each is recognised or given, what cannot be read is
 * named with its line, and the rest goes on.
 *
 * Files are read as streams; only running text, chats and JSON objects over several lines are held as a whole.
 */
import { dataLimits } from '#base/limits.ts';
import { briefly } from '#base/untrusted/quote.ts';
import { readZip } from '#storage/archive/zip.ts';
import { DataError } from './formats.ts';
import type { DataFile, FileChoice, Imported, ImportedFile, Problem } from './imported.ts';
import { readFile, type Found } from './read-file.ts';
import { rowOf, type DataRow } from './row.ts';

export interface ImportOptions {
	/** Corrections by the name of the file. */
	readonly choices?: Readonly<Record<string, FileChoice>>;
	/** For every file without a choice of its own. */
	readonly choice?: FileChoice;
	readonly signal?: AbortSignal | undefined;
	/** Called now and then, with the rows that were read since. */
	readonly onRows?: (rows: readonly DataRow[], file: string) => void | Promise<void>;
}

/** Rows between two reports: the event loop goes on in between. */
const reported = 500;

/** Reads files, and zips of files, in their order. Rejects with the signal's reason when aborted. */
export async function importFiles(
	files: readonly DataFile[],
	options: ImportOptions = {},
): Promise<Imported> {
	const import_ = new Import(options);
	for (const file of files) await import_.take(file, true);
	return import_.finish();
}

class Import {
	readonly #options: ImportOptions;
	readonly #rows: DataRow[] = [];
	readonly #files: ImportedFile[] = [];
	readonly #problems: Problem[] = [];
	readonly #skipped: string[] = [];
	#problemCount = 0;
	#bytes = 0;
	#read = 0;
	readonly #end = performance.now() + dataLimits.milliseconds;

	constructor(options: ImportOptions) {
		this.#options = options;
	}

	async take(file: DataFile, unpacks: boolean): Promise<void> {
		this.#options.signal?.throwIfAborted();
		if (/(^|\/)(__MACOSX|\.)/.test(file.name)) return; // notes of the file system
		const start = new Uint8Array(await file.blob.slice(0, 4).arrayBuffer());
		if (unpacks && start[0] === 0x50 && start[1] === 0x4b && start[2] === 3) {
			await this.#unpack(file);
			return;
		}
		if (isOfOtherKind(file.name)) {
			this.#skipped.push(file.name);
			return;
		}
		this.#bytes += file.blob.size;
		if (++this.#read > dataLimits.files)
			throw new DataError(`These are more than ${dataLimits.files} files; give fewer at a time.`);
		if (this.#bytes > dataLimits.bytes)
			throw new DataError(
				`These files have more than ${dataLimits.bytes / 2 ** 30} GB; give fewer at a time.`,
			);
		await this.#readOne(file);
	}

	finish(): Imported {
		return {
			rows: this.#rows,
			files: this.#files,
			problems: this.#problems,
			problemCount: this.#problemCount,
			skipped: this.#skipped,
		};
	}

	async #unpack({ name, blob }: DataFile): Promise<void> {
		try {
			const entries = readZip(new Uint8Array(await blob.arrayBuffer()), dataLimits.zip);
			for (const entry of entries.values()) {
				if (entry.name.endsWith('/')) continue;
				const path = `${name}/${entry.name}`;
				if (isOfOtherKind(path)) this.#skipped.push(path);
				else
					await this.take({ name: path, blob: new Blob([new Uint8Array(entry.bytes())]) }, false);
			}
		} catch (error) {
			if (!(error instanceof Error) || error.name !== 'ZipError') throw error;
			this.#note({ file: name, line: 0, message: `this zip cannot be read: ${error.message}` });
		}
	}

	async #readOne({ name, blob }: DataFile): Promise<void> {
		const { choices = {}, choice = {} } = this.#options;
		const before = { rows: this.#rows.length, problems: this.#problemCount };
		let about: Omit<ImportedFile, 'name' | 'size' | 'rows' | 'problems'> = { format: 'prose' };
		let waiting: DataRow[] = [];
		const report = async (): Promise<void> => {
			this.#options.signal?.throwIfAborted();
			if (performance.now() > this.#end)
				throw new DataError(
					`Reading takes more than ${dataLimits.milliseconds / 60_000} minutes; give fewer files at a time.`,
				);
			const some = waiting;
			waiting = [];
			await this.#options.onRows?.(some, name);
		};
		const own = Object.hasOwn(choices, name) ? choices[name] : undefined;
		try {
			for await (const found of readFile({ name, blob }, own ?? choice)) {
				if (found.kind === 'about') about = found.about;
				else if (found.kind === 'problem')
					this.#note({ file: name, line: found.line, message: found.message });
				else {
					const row = this.#rowOf(name, found);
					this.#rows.push(row);
					if (this.#rows.length > dataLimits.rows)
						throw new DataError(
							`These are more than ${dataLimits.rows.toLocaleString('en')} rows; give fewer files at a time.`,
						);
					if (waiting.push(row) === reported) await report();
				}
			}
		} catch (error) {
			if (!(error instanceof DataError) || /^These|^Reading/.test(error.message)) throw error;
			this.#note({ file: name, line: 0, message: error.message });
		}
		await report();
		this.#files.push({
			name,
			size: blob.size,
			...about,
			rows: this.#rows.length - before.rows,
			problems: this.#problemCount - before.problems,
		});
	}

	/** Without a source of its own, a row is one; a text is the source of its parts. */
	#rowOf(file: string, { line, lesson, source }: Extract<Found, { kind: 'row' }>): DataRow {
		return rowOf({ file, line, source: source ?? `${file}:${line}` }, lesson);
	}

	#note(problem: Problem): void {
		this.#problemCount++;
		// Names of keys may be as long as their file.
		if (this.#problems.length < dataLimits.problems)
			this.#problems.push({ ...problem, message: briefly(problem.message) });
	}
}

/** Endings of files that hold no text to learn from. */
const otherKinds =
	/\.(jpe?g|png|gif|webp|heic|mp[34]|m4a|opus|ogg|wav|mov|avi|webm|vcf|css|js|svg|ico|woff2?|ttf|tgs|exe|dll|so)$/i;

const isOfOtherKind = (name: string): boolean => otherKinds.test(name);
