/** @file Which prompts begin alike, so that a system prompt or a row of examples is read once. */

/** Tokens, and how many of the first ones may be shared. */
export interface Shareable {
	readonly tokens: readonly number[];
	readonly shareable: number;
}

/** Rows (places in the list) that have their first `length` tokens in common. */
export interface PrefixGroup {
	readonly length: number;
	readonly rows: readonly number[];
}

/** Fewer common tokens than these are not worth a run of their own. */
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
 * Groups rows by what they begin with: a row joins its neighbour in the order of tokens as long as the group keeps at
 * least half of what it has in common. Rows alone come last, in one group of length 0; in each the shortest row is first.
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
