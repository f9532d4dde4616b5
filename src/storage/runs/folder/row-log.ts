/**
 * @file Append-only log of one run's experience as JSON lines (Node): a changed row is appended again, and the last one counts.
 *
 * How many bytes count is kept in the run's own record; what an interrupted commit appended beyond them is
 * cut off by the next. Only the offset of each row is in memory. A line that cannot be read is a damaged row.
 */
import { matches } from '#base/schema.ts';
import { OrderedRows, type Page } from '../ordered.ts';
import { damagedRow, rowKeySchema, type FoundRow, type StoredRow } from '../row.ts';
import { fromJson } from '../json.ts';
import { fromSealedJson, toSealedJson } from '../seal.ts';
import { rowsFile } from './names.ts';
import { appendLines, readLines, readRanges } from './lines.ts';

/** Byte range of a row in the file. */
interface ByteRange {
	readonly t: number;
	readonly id: string;
	readonly rejected: boolean;
	readonly offset: number;
	readonly length: number;
	/** Why it cannot be read. */
	readonly damaged?: string;
}

export interface RowLog {
	/** Rows at `bytes` bytes of the file. */
	readonly ranges: OrderedRows<ByteRange>;
	readonly bytes: number;
	readonly lines: number;
	/** Rows from this byte on have a seal. */
	readonly sealedFrom: number;
}

export const emptyLog = (): RowLog => ({
	ranges: new OrderedRows<ByteRange>(),
	bytes: 0,
	lines: 0,
	sealedFrom: 0,
});

/** Reads the byte ranges of all rows within the first `bytes` bytes, continuing from `known` if given. */
export async function readLog(
	path: string,
	bytes: number,
	sealedFrom: number,
	known?: RowLog,
): Promise<RowLog> {
	if (known?.bytes === bytes) return known;
	const start = known !== undefined && known.bytes < bytes ? known : emptyLog();
	const { ranges } = start;
	let { lines } = start;
	let t = ranges.page().at(-1)?.t ?? 0;
	let end = start.bytes;
	const damaged = (why: string, offset: number, line: Buffer): void => {
		const key = keyIn(line) ?? { t, id: `line ${lines} of ${rowsFile}`, rejected: false };
		ranges.put({ ...key, offset, length: line.length, damaged: why });
	};
	for await (const { bytes: line, offset, isCut } of readLines(path, start.bytes, bytes)) {
		lines++;
		end = offset + line.length + 1;
		const read = isCut ? 'it is cut short' : parse(line, offset >= sealedFrom);
		if (typeof read === 'string') damaged(read, offset, line);
		else {
			({ t } = read);
			ranges.put({ ...keyOf(read), offset, length: line.length });
		}
	}
	if (end < bytes) {
		lines++;
		damaged('the end of its file is missing', end, Buffer.alloc(0));
	}
	return { ranges, bytes, lines, sealedFrom };
}

/** Appends rows after those that count; nothing counts until `bytes` of the result is kept. */
export async function appendRows(
	path: string,
	log: RowLog,
	rows: readonly StoredRow[],
): Promise<{ readonly bytes: number; readonly ranges: readonly ByteRange[] }> {
	if (rows.length === 0) return { bytes: log.bytes, ranges: [] };
	const lines = rows.map(toSealedJson);
	const { start, end } = await appendLines(path, log.bytes, lines);
	let offset = start;
	const ranges = rows.map((row, i): ByteRange => {
		const length = Buffer.byteLength(lines[i] ?? '');
		const range = { ...keyOf(row), offset, length };
		offset += length + 1;
		return range;
	});
	return { bytes: end, ranges };
}

/** The rows of a page. */
export const readRows = (
	path: string,
	runId: string,
	log: RowLog,
	page: Page = {},
): Promise<readonly FoundRow[]> => rowsAt(path, runId, log, log.ranges.page(page));

export async function rowsAt(
	path: string,
	runId: string,
	{ sealedFrom }: RowLog,
	ranges: readonly ByteRange[],
): Promise<readonly FoundRow[]> {
	const lines = await readRanges(path, ranges);
	return ranges.map((range, i) => {
		const bytes = lines[i] ?? Buffer.alloc(0);
		const row = range.damaged ?? parse(bytes, range.offset >= sealedFrom);
		return typeof row === 'string' ? damagedRow(runId, range, row) : row;
	});
}

const keyOf = ({ t, id, rejected }: StoredRow) => ({ t, id, rejected });

/** The row, or why it is none: only what the store relies on is checked. */
function parse(bytes: Buffer, mustBeSealed: boolean): StoredRow | string {
	try {
		const row = fromSealedJson(bytes.toString('utf8'), mustBeSealed);
		return isRow(row) ? row : 'it is no experience';
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return error.message.startsWith('its ') ? error.message : 'it is no JSON';
	}
}

/** The key of a row that can be read and has changed, so that it stands where it stood. */
function keyIn(line: Buffer): Pick<ByteRange, 't' | 'id' | 'rejected'> | undefined {
	try {
		const row = fromJson(line.toString('utf8'));
		return isRow(row) ? keyOf(row) : undefined;
	} catch {
		return undefined;
	}
}

const isRow = (value: unknown): value is StoredRow => matches<unknown>(rowKeySchema, value);
