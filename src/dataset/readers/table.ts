/** @file Comma- and tab-separated tables, parsed by Papa Parse in pieces; each row is an object by the names of its columns. */
import Papa from 'papaparse';
import { dataLimits } from '#base/limits.ts';
import { DataError } from '../formats.ts';
import { columnsOf } from './columns.ts';
import { formatOfValue } from './values.ts';

/** A row with the line on which it begins. */
export interface TableRow {
	readonly value: Readonly<Record<string, string>>;
	readonly line: number;
	/** What the parser found wrong with its quotes. */
	readonly flaw?: string;
}

export interface Table {
	/** Names of the columns; `column 1` … in a table without a header. */
	readonly names: readonly string[];
	readonly rows: AsyncGenerator<TableRow>;
}

const lineEnds = /\r\n|\n|\r/g;

/** The table's columns by its first rows, and all its rows. */
export async function openTable(pieces: AsyncIterator<string>): Promise<Table> {
	let start = '';
	for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
		start += next.value;
		if (start.length >= 1 << 16) break;
	}
	start = start.replace(/^\ufeff/, '');
	const sample = Papa.parse<string[]>(start, { preview: 20, skipEmptyLines: true });
	const [first = []] = sample.data;
	if (first.length < 1) throw new DataError('the table is empty');
	const hasHeader = isHeader(first);
	const names = first.map((name, i) =>
		hasHeader && name.trim() !== '' ? name.trim() : `column ${i + 1}`,
	);
	const { delimiter } = sample.meta;
	return { names, rows: rowsOf(start, pieces, { delimiter, names, hasHeader }) };
}

/** A header names columns that are known. */
function isHeader(cells: readonly string[]): boolean {
	const value = Object.fromEntries(cells.map((cell) => [cell.trim().toLowerCase(), 'x']));
	return columnsOf(cells) !== undefined || formatOfValue(value) !== undefined;
}

interface Shape {
	readonly delimiter: string;
	readonly names: readonly string[];
	readonly hasHeader: boolean;
}

async function* rowsOf(
	start: string,
	pieces: AsyncIterator<string>,
	{ delimiter, names, hasHeader }: Shape,
): AsyncGenerator<TableRow> {
	let rest = start;
	let line = 1;
	let skip = hasHeader;
	for (let ended = false; !ended;) {
		const next = await pieces.next();
		ended = next.done === true;
		if (!next.done) rest += next.value;
		const found: { readonly cells: readonly string[]; readonly end: number; flaw?: string }[] = [];
		new Papa.Parser({
			delimiter,
			step: ({
				data,
				meta,
				errors: [flaw],
			}: Papa.ParseStepResult<readonly (readonly string[])[]>) => {
				const [cells = []] = data;
				found.push({ cells, end: meta.cursor, ...(flaw && { flaw: flaw.message }) });
			},
			// The last row may go on in the next piece.
		}).parse(rest, 0, !ended);
		let at = 0;
		for (const { cells, end, flaw } of found) {
			const from = line;
			line += rest.slice(at, end).match(lineEnds)?.length ?? 0;
			at = end;
			if (cells.every((cell) => cell.trim() === '')) continue;
			if (skip) skip = false;
			else yield { value: named(cells, names), line: from, ...(flaw !== undefined && { flaw }) };
		}
		rest = rest.slice(at);
		if (rest.length > dataLimits.valueCharacters)
			throw new DataError(
				`the row at line ${line} does not end; look for a quote that is not closed`,
			);
	}
}

const named = (
	cells: readonly string[],
	names: readonly string[],
): Readonly<Record<string, string>> =>
	Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
