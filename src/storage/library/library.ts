/**
 * @file Library of models on this machine: each a folder of files and a manifest.
 *
 * A file counts when its size and hash are what was promised; a model is opened only when all its files do.
 */
import { CodedError } from '#base/coded-error.ts';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';

/** Source of a model. */
export type LibrarySource =
	| {
			readonly kind: 'hub';
			readonly repository: string;
			/** The commit, not a branch: what it names never changes. */
			readonly revision: string;
	  }
	| { readonly kind: 'files' };

/** Facts of a model for lists, known without opening it. */
export interface ModelFacts {
	readonly architecture: string;
	readonly parameters: number;
	/** Tokens. */
	readonly contextLength: number;
	/** In which most of the weights are stored: `Q4_1`, `BF16` … */
	readonly form: string;
}

/** A file that a model is to have. */
export interface WantedFile {
	/** Letters, digits, `.`, `_` and `-`: one name, never a path. */
	readonly name: string;
	readonly bytes: number;
	/** Of the content, lower-case hexadecimal. */
	readonly sha256?: string;
	/** Git object id: SHA-1 of `blob <size>\0` and the bytes. */
	readonly gitSha1?: string;
	/** Path in the repository, if other than its name. */
	readonly path?: string;
}

export interface LibraryFile extends WantedFile {
	/** Bytes that are here already. */
	readonly held: number;
	/** All bytes are here and are the right ones. */
	readonly state: 'complete' | 'partial';
	/** The server's name (ETag) for the content that `held` is the beginning of. */
	readonly version?: string;
}

export interface LibraryEntry {
	/** Also the name of its folder. */
	readonly id: string;
	/** For people; can be changed. */
	readonly name: string;
	readonly source: LibrarySource;
	/** As the checkpoint states it, e.g. `apache-2.0`. */
	readonly licence?: string;
	readonly facts?: ModelFacts;
	readonly files: readonly LibraryFile[];
	/** Of all its files, when complete. */
	readonly bytes: number;
	/** Bytes that are here already. */
	readonly held: number;
	/** Milliseconds since 1970. */
	readonly addedAt: number;
	readonly state: 'complete' | 'partial';
}

/** A model about to be taken in. */
export type LibraryDraft = Pick<LibraryEntry, 'name' | 'source' | 'licence' | 'facts'> & {
	readonly files: readonly WantedFile[];
};

/** One file being written, at its end. */
export interface FileWriter {
	/** Bytes that are there. */
	readonly held: number;
	write(bytes: Uint8Array): Promise<void>;
	/** Ends writing; the bytes written stay, so that `append` can resume. */
	close(): Promise<void>;
}

interface AppendOptions {
	/** Begin anew instead of going on from what is there. */
	readonly anew?: boolean;
	/** ETag of the content; stored with the file. */
	readonly version?: string;
}

/** An open model; its files are closed by `close`. */
interface OpenEntry {
	readonly files: readonly ByteSource[];
	close(): Promise<void>;
}

export interface Library {
	/** By name. */
	list(): Promise<readonly LibraryEntry[]>;
	entry(id: string): Promise<LibraryEntry | undefined>;
	/** Only a complete model opens. */
	open(id: string): Promise<OpenEntry>;
	/**
	 * Makes room for a model, or finds it again: whole files of the same hash and beginnings of files stay.
	 * The same source has the same id.
	 */
	begin(draft: LibraryDraft): Promise<LibraryEntry>;
	/** One writer for a file at a time. */
	append(id: string, file: string, options?: AppendOptions): Promise<FileWriter>;
	/** Checks size and hash; a file that fails is removed, so that the next attempt begins anew. */
	finish(
		id: string,
		file: string,
		options?: {
			readonly signal?: AbortSignal | undefined;
			readonly onProgress?: (bytes: number) => void;
		},
	): Promise<LibraryEntry>;
	rename(id: string, name: string): Promise<void>;
	/** Also if it is damaged or not complete. */
	remove(id: string): Promise<void>;
	/** Bytes used and available, if the platform reports them. */
	space(): Promise<{ readonly used: number; readonly quota: number } | undefined>;
}

export type LibraryErrorCode =
	/** No room on the disk. */
	| 'full'
	/** Other bytes than promised. */
	| 'corrupt'
	/** Not all its files are here. */
	| 'incomplete'
	| 'no-such-model'
	/** A file name that could leave the folder, sizes that are none. */
	| 'bad-file'
	/** Another tab or process writes it. */
	| 'blocked'
	| 'not-available';

/** A failure with a code; the message names the remedy. */
export class LibraryError extends CodedError<LibraryErrorCode> {
	override name = 'LibraryError';
}
