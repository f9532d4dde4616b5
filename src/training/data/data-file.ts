/** @file Data file as rows: JSONL or one JSON list, in UTF-8 or UTF-16; other formats are named. */
import { readTrainingRow } from './read-row.ts';
import { TrainingRowError, type TrainingRow } from './training-row.ts';

/** Formats by their first bytes, and what to do with them. */
const otherFormats: readonly (readonly [start: string, name: string, remedy: string])[] = [
	['PAR1', 'Parquet', 'write it as JSON lines: datasets.load_dataset(…).to_json("rows.jsonl")'],
	['ARROW1', 'Arrow', 'write it as JSON lines: datasets.load_from_disk(…).to_json("rows.jsonl")'],
	['\u001f\u008b', 'gzip', 'unpack it first'],
	['PK\u0003\u0004', 'zip', 'unpack it first'],
	['(\u00b5/\u00fd', 'zstandard', 'unpack it first'],
];

/** Reads a whole file; empty lines are skipped. */
export function readDataFile(bytes: Uint8Array): readonly TrainingRow[] {
	return readTrainingRows(decode(bytes));
}

/** Reads JSONL, or one JSON list of rows. */
export function readTrainingRows(text: string): readonly TrainingRow[] {
	const content = text.replace(/^\ufeff/, '');
	const list = readList(content);
	const rows = list
		? list.map((value, i) => readTrainingRow(value, `Row ${i + 1}`))
		: content
				.split(/\r\n|\n|\r/)
				.flatMap((line, i) => (line.trim() === '' ? [] : [readLine(line, `Line ${i + 1}`)]));
	if (rows.length === 0)
		throw new TrainingRowError('The data holds no row; write one JSON object on each line.');
	return rows;
}

/** UTF-16 by its byte order mark, otherwise UTF-8. */
function decode(bytes: Uint8Array): string {
	const start = String.fromCharCode(...bytes.subarray(0, 8));
	const other = otherFormats.find(([magic]) => start.startsWith(magic));
	if (other)
		throw new TrainingRowError(`The data is a ${other[1]} file, not JSON lines; ${other[2]}.`);
	const encoding = start.startsWith('\u00ff\u00fe')
		? 'utf-16le'
		: start.startsWith('\u00fe\u00ff')
			? 'utf-16be'
			: 'utf-8';
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch {
		throw new TrainingRowError(
			`The data is not valid ${encoding.toUpperCase()}; save it as UTF-8.`,
		);
	}
}

/** The rows of a file that is one JSON list, or one object over several lines. */
function readList(text: string): readonly unknown[] | undefined {
	const first = text.trimStart();
	if (!first.startsWith('[') && !/^\{\s*[\r\n]/.test(first)) return undefined;
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		if (!first.startsWith('[')) return undefined; // lines, the first of which is broken
		// Lines of lists are no rows, either.
		throw new TrainingRowError(
			`The data begins with "[" but is no JSON list (${error instanceof Error ? error.message : 'damaged'}); mend it, or write one JSON object on each line.`,
		);
	}
	return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

function readLine(line: string, where: string): TrainingRow {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : 'damaged';
		throw new TrainingRowError(
			line.trimStart().startsWith('{')
				? `${where}: is not JSON (${reason.slice(0, 120)}); write one JSON object on each line.`
				: `${where}: is not JSON; write one JSON object on each line (a table such as CSV must be converted first).`,
		);
	}
	return readTrainingRow(value, where);
}
