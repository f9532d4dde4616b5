/** @file Formats that are not read, by their first bytes, and what to do with them. */

const otherFormats: readonly (readonly [start: string, name: string, remedy: string])[] = [
	['PAR1', 'Parquet', 'write it as JSON lines: datasets.load_dataset(…).to_json("rows.jsonl")'],
	['ARROW1', 'Arrow', 'write it as JSON lines: datasets.load_from_disk(…).to_json("rows.jsonl")'],
	['\u001f\u008b', 'gzip', 'unpack it first'],
	['PK\u0003\u0004', 'zip', 'unpack it first'],
	['(\u00b5/\u00fd', 'zstandard', 'unpack it first'],
	['%PDF', 'PDF', 'save its text as .txt or .md'],
	['\u00d0\u00cf\u0011\u00e0', 'Word or Excel', 'save it as text or CSV'],
	['SQLite format 3', 'SQLite', 'export a table as CSV'],
	['GGUF', 'GGUF model', 'add it on the Models page'],
	['\u0089PNG', 'picture', 'only text can be learnt'],
	['\u00ff\u00d8\u00ff', 'picture', 'only text can be learnt'],
];

/** A clause if the file is one of these. */
export function otherFormat(bytes: Uint8Array): string | undefined {
	const start = String.fromCharCode(...bytes.subarray(0, 16));
	const other = otherFormats.find(([magic]) => start.startsWith(magic));
	return other && `is a ${other[1]} file, not text; ${other[2]}`;
}
