/**
 * @file The experience table in memory, for a panel: filters by anything and sorts by any column, in milliseconds for 100,000 rows.
 *
 * Columns and their orders are typed arrays, made when a query first needs them; into an order that is there, the few
 * rows that came or changed are inserted at their position. A query marks what passes, one condition at a time,
 * then walks the order asked for.
 */
import { orderByNumber, orderByText } from './order.ts';
import type { ExperienceRow } from '#runs/stored/row.ts';

/** A row without its payload: what one filters, sorts and shows. */
export type CompactRow = Omit<ExperienceRow, 'payload' | 'training'>;
export type Column = Exclude<keyof CompactRow, 'runId'>;

/** From and to, both inclusive; either may be absent. */
interface Range {
	readonly from?: number;
	readonly to?: number;
}

export interface ExperienceQuery {
	/** Every word occurs in task, answer, expected answer, stratum, reason or id; case does not matter. */
	readonly text?: string;
	readonly fates?: readonly ExperienceRow['fate'][];
	readonly verdicts?: readonly ExperienceRow['verdict'][];
	readonly strata?: readonly string[];
	readonly rejected?: boolean;
	/** Drawn on by an update at least once, or never. */
	readonly trained?: boolean;
	readonly round?: Range;
	readonly difficulty?: Range;
	/** In order of round and id without it. */
	readonly sort?: { readonly column: Column; readonly descending?: boolean };
}

export interface ExperienceIndex {
	readonly size: number;
	/** Adds rows, or replaces those with the same id; the payload is not kept. */
	put(rows: readonly (CompactRow | ExperienceRow)[]): void;
	/** Positions of the rows asked for, in the order asked for; valid until the index is cleared. */
	find(query?: ExperienceQuery): Uint32Array;
	/** The row at a position. */
	at(position: number): CompactRow | undefined;
	/** The row with this id. */
	get(id: string): CompactRow | undefined;
	clear(): void;
}

const verdictOrder = ['correct', 'wrong', 'malformed', 'unjudged'] as const;
const fateOrder = ['fresh', 'kept', 'set-aside'] as const;

type NumberColumn = (typeof numberColumns)[number];
type TextColumn = Exclude<Column, NumberColumn>;

const numberColumns = [
	...(['t', 'difficulty', 'verdict', 'score', 'fate', 'rejected', 'trainedIn'] as const),
];
const isNumberColumn = (column: Column): column is NumberColumn =>
	numberColumns.some((name) => name === column);

/** Sort key of a column. Without a score it is NaN, which comes before every number: unjudged is not zero. */
const numberOf: Readonly<Record<NumberColumn, (row: CompactRow) => number>> = {
	t: ({ t }) => t,
	difficulty: ({ difficulty }) => difficulty,
	verdict: ({ verdict }) => verdictOrder.indexOf(verdict),
	score: ({ score }) => score ?? Number.NaN,
	fate: ({ fate }) => fateOrder.indexOf(fate),
	rejected: ({ rejected }) => Number(rejected),
	trainedIn: ({ trainedIn }) => trainedIn.length,
};
const textOf: Readonly<Record<TextColumn, (row: CompactRow) => string>> = {
	id: ({ id }) => id,
	stratum: ({ stratum }) => stratum,
	text: ({ text }) => text,
	answer: ({ answer }) => answer ?? '',
	expected: ({ expected }) => expected,
	reason: ({ reason }) => reason,
};

/** Positions in order of one column, and which of them came or changed since. */
interface Order {
	readonly positions: Uint32Array;
	readonly changed: Set<number>;
}

/** With more changes than this, sorting anew is faster than putting each in its place. */
const mergeShare = 0.05;

/** An empty index; `put` fills it. */
export function createExperienceIndex(): ExperienceIndex {
	const rows: CompactRow[] = [];
	/** Text that the text filter searches, in lower case. */
	const haystacks: string[] = [];
	const positionOf = new Map<string, number>();
	/** Made on demand, forgotten when rows come or change. */
	const columns = new Map<NumberColumn, Float64Array>();
	const orders = new Map<Column | 'natural', Order>();

	const numbers = (column: NumberColumn): Float64Array => {
		const known = columns.get(column);
		if (known !== undefined) return known;
		const made = new Float64Array(rows.length);
		const read = numberOf[column];
		rows.forEach((row, i) => (made[i] = read(row)));
		columns.set(column, made);
		return made;
	};
	const sorted = (column: Column | 'natural'): Uint32Array =>
		// sorting is stable: by id, then by round, then by the column settles every tie
		column === 'natural'
			? orderByNumber(orderByText(Uint32Array.from(rows.keys()), rows.map(textOf.id)), numbers('t'))
			: isNumberColumn(column)
				? orderByNumber(orderBy('natural'), numbers(column))
				: orderByText(orderBy('natural'), rows.map(textOf[column]));
	const orderBy = (column: Column | 'natural'): Uint32Array => {
		const known = orders.get(column);
		if (known?.changed.size === 0) return known.positions;
		const positions =
			known === undefined || known.changed.size > rows.length * mergeShare
				? sorted(column)
				: replaced(known, comparer(rows, column));
		orders.set(column, { positions, changed: new Set() });
		return positions;
	};

	return {
		get size() {
			return rows.length;
		},
		put(added) {
			columns.clear();
			for (const row of added) {
				const position = positionOf.get(row.id) ?? rows.length;
				const compact = compactOf(row);
				const before = rows[position];
				for (const [column, { changed }] of orders)
					if (isMoved(column, before, compact)) changed.add(position);
				positionOf.set(row.id, position);
				rows[position] = compact;
				const { text, answer, expected, stratum, reason, id } = row;
				haystacks[position] =
					`${text}\n${answer ?? ''}\n${expected}\n${stratum}\n${reason}\n${id}`.toLowerCase();
			}
		},
		find(query = {}) {
			const passes = new Uint8Array(rows.length).fill(1);
			markNumbers(passes, query, numbers);
			const { strata, text = '' } = query;
			if (strata !== undefined)
				rows.forEach((row, i) => {
					if (!strata.includes(row.stratum)) passes[i] = 0;
				});
			for (const word of text.toLowerCase().split(/\s+/))
				if (word !== '')
					haystacks.forEach((haystack, i) => {
						if (passes[i] === 1 && !haystack.includes(word)) passes[i] = 0;
					});
			const order = orderBy(query.sort?.column ?? 'natural');
			const found = new Uint32Array(order.length);
			let n = 0;
			for (const position of order) if (passes[position] === 1) found[n++] = position;
			const rest = found.subarray(0, n);
			return query.sort?.descending === true ? rest.reverse() : rest;
		},
		at: (position) => rows[position],
		get: (id) => rows[positionOf.get(id) ?? -1],
		clear() {
			rows.length = haystacks.length = 0;
			positionOf.clear();
			columns.clear();
			orders.clear();
		},
	};
}

/** True if the change of a row moves it in the order. */
const isMoved = (
	column: Column | 'natural',
	before: CompactRow | undefined,
	after: CompactRow,
): boolean =>
	before?.t !== after.t || // settles ties
	(column !== 'natural' && before[column] !== after[column]);

type Comparer = (a: number, b: number) => number;

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : Number(a > b));

/** The order of two positions, for the few that are put in their place one by one. */
function comparer(rows: readonly CompactRow[], column: Column | 'natural'): Comparer {
	const byColumn = (x: CompactRow, y: CompactRow): number => {
		if (column === 'natural') return 0;
		if (!isNumberColumn(column)) return compare(textOf[column](x), textOf[column](y));
		const [a, b] = [numberOf[column](x), numberOf[column](y)];
		return Number.isNaN(a) || Number.isNaN(b)
			? Number(Number.isNaN(b)) - Number(Number.isNaN(a))
			: compare(a, b);
	};
	return (a, b) => {
		const [x, y] = [rows[a], rows[b]];
		if (x === undefined || y === undefined) return 0;
		return byColumn(x, y) || x.t - y.t || compare(x.id, y.id);
	};
}

/** The order with changed rows moved to their new positions. */
function replaced({ positions, changed }: Order, compareAt: Comparer): Uint32Array {
	const isChanged = new Uint8Array(positions.length + changed.size); // asked faster than the set
	for (const position of changed) isChanged[position] = 1;
	const kept = positions.filter((position) => isChanged[position] === 0);
	const added = Uint32Array.from(changed).sort(compareAt);
	const merged = new Uint32Array(kept.length + added.length);
	let copied = 0;
	added.forEach((position, i) => {
		let [from, to] = [copied, kept.length];
		while (from < to) {
			const middle = (from + to) >> 1;
			if (compareAt(kept[middle] ?? 0, position) < 0) from = middle + 1;
			else to = middle;
		}
		merged.set(kept.subarray(copied, from), copied + i);
		merged[from + i] = position;
		copied = from;
	});
	merged.set(kept.subarray(copied), copied + added.length);
	return merged;
}

/** Marks with 0 what a condition on a column of numbers excludes; only conditions that were asked for cost anything. */
function markNumbers(
	passes: Uint8Array,
	query: ExperienceQuery,
	numbers: (column: NumberColumn) => Float64Array,
): void {
	const within = (column: NumberColumn, { from = -Infinity, to = Infinity }: Range): void => {
		const keys = numbers(column);
		for (let i = 0; i < keys.length; i++) {
			const key = keys[i] ?? Number.NaN;
			if (!(key >= from && key <= to)) passes[i] = 0;
		}
	};
	const among = (column: NumberColumn, codes: readonly number[]): void => {
		const keys = numbers(column);
		for (let i = 0; i < keys.length; i++) if (!codes.includes(keys[i] ?? -1)) passes[i] = 0;
	};
	const { round, difficulty, rejected, trained, fates, verdicts } = query;
	if (round !== undefined) within('t', round);
	if (difficulty !== undefined) within('difficulty', difficulty);
	if (rejected !== undefined) among('rejected', [Number(rejected)]);
	if (trained !== undefined) within('trainedIn', trained ? { from: 1 } : { to: 0 });
	if (fates !== undefined)
		among(
			'fate',
			fates.map((fate) => fateOrder.indexOf(fate)),
		);
	if (verdicts !== undefined)
		among(
			'verdict',
			verdicts.map((verdict) => verdictOrder.indexOf(verdict)),
		);
}

function compactOf(row: CompactRow): CompactRow {
	const { runId, id, t, difficulty, stratum, text, answer, expected, verdict } = row;
	const { score, fate, reason, rejected, trainedIn } = row;
	return {
		runId,
		id,
		t,
		difficulty,
		stratum,
		text,
		answer,
		expected,
		verdict,
		score,
		fate,
		reason,
		rejected,
		trainedIn,
	};
}
