/** @file Files of a person, what they say of them, and what was read. */
import { cut } from '#base/untrusted/quote.ts';
import type { FormatName } from './formats.ts';
import type { DataRow } from './row.ts';

/** What a person says of a file in place of what is recognised. */
export interface FileChoice {
	readonly format?: FormatName;
	/** Columns of a table. */
	readonly question?: string;
	readonly answer?: string;
	/** Of a chat: whose messages are learnt. */
	readonly me?: string;
}

/** A row, a part of a file or a whole file that cannot be read, and why. */
export interface Problem {
	readonly file: string;
	/** From 1; 0 for the whole file. */
	readonly line: number;
	readonly message: string;
}

/** A file with its path. */
export interface DataFile {
	readonly name: string;
	readonly blob: Blob;
}

/** What was read of one file. */
export interface ImportedFile {
	readonly name: string;
	readonly format: FormatName;
	/** Bytes. */
	readonly size: number;
	readonly rows: number;
	readonly problems: number;
	/** Of a table: the names of its columns, and those that were read. */
	readonly columns?: {
		readonly names: readonly string[];
		readonly question?: string;
		readonly answer?: string;
	};
	/** Of a chat: who wrote how many messages, and whose are learnt. */
	readonly authors?: readonly (readonly [name: string, messages: number])[];
	readonly me?: string;
}

export interface Imported {
	readonly rows: readonly DataRow[];
	readonly files: readonly ImportedFile[];
	/** The first of them. */
	readonly problems: readonly Problem[];
	readonly problemCount: number;
	/** Files of other kinds, such as the pictures of a chat. */
	readonly skipped: readonly string[];
}

/** `rows.jsonl, line 4112: is not JSON …` */
export const problemWords = ({ file, line, message }: Problem): string =>
	`${cut(file)}${line > 0 ? `, line ${line}` : ''}: ${message}`;
