/** @file Grouping of prompts by common prefix, so that a system prompt or few-shot examples are prefilled once. */

/** Tokens, with the number of leading ones that may be shared. */
export interface Shareable {
	readonly tokens: readonly number[];
	readonly shareable: number;
}

/** Rows (indices) with the same first `length` tokens. */
export interface PrefixGroup {
	readonly length: number;
	readonly rows: readonly number[];
}

/** Shortest prefix worth a run of its own, in tokens. */
const fewest = 16;

const common = (a: readonly number[], b: readonly number[]): number => {
	const most = Math.min(a.length, b.length);
	let n = 0;
	while (n < most && a[n] === b[n]) n++;
	return n;
};

const compare = (a: readonly number[], b: readonly number[]): number => {
	const n = common(a, b);
	return (a[n] ?? -1) - (b[n] ?? -1);
};

/**
 * Groups rows by prefix: in token order, a row joins its neighbour as long as the group keeps at least half of its common
 * prefix. Rows that share nothing come last, in one group of length 0; each group starts with its shortest row.
 */
export function prefixGroups(rows: readonly Shareable[]): readonly PrefixGroup[] {
	const order = rows
		.map((row, index) => ({ ...row, index }))
		.sort((a, b) => compare(a.tokens, b.tokens) || a.index - b.index);
	const groups: { length: number; rows: number[]; first: readonly number[] }[] = [];
	for (const { tokens, shareable, index } of order) {
		const group = groups.at(-1);
		if (group) {
			const length = Math.min(group.length, shareable, common(group.first, tokens));
			if (length >= fewest && (group.rows.length === 1 || length >= group.length / 2)) {
				group.rows.push(index);
				group.length = length;
				continue;
			}
		}
		groups.push({ length: shareable, rows: [index], first: tokens });
	}
	const shortestFirst = (list: readonly number[]): number[] =>
		[...list].sort(
			(a, b) => (rows[a]?.tokens.length ?? 0) - (rows[b]?.tokens.length ?? 0) || a - b,
		);
	const alone = groups.filter((group) => group.rows.length === 1).flatMap((group) => group.rows);
	return [
		...groups.flatMap(({ length, rows: members }) =>
			members.length > 1 ? [{ length, rows: shortestFirst(members) }] : [],
		),
		...(alone.length > 0 ? [{ length: 0, rows: shortestFirst(alone) }] : []),
	];
}
