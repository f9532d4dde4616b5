/** @file Groups of rows that begin with the same tokens: those that save most if each group's prefix is computed once. */

/** Rows by index, in their order, and how many tokens they share. */
export interface PrefixGroup {
	readonly rows: readonly number[];
	readonly prefix: number;
}

/** Tokens that must be shared, or a group is not worth another sequence. */
const fewest = 4;

/**
 * Groups of all rows, those of the first rows first. In lexicographic order the best groups are neighbours, so that a
 * dynamic programme over the ends of groups finds them. A row keeps at least one token of its own.
 */
export function prefixGroups(rows: readonly Int32Array[]): readonly PrefixGroup[] {
	const order = [...rows.keys()].sort((a, b) => compare(rowAt(rows, a), rowAt(rows, b)) || a - b);
	/** Best of the first so many rows: tokens saved, and where its last group begins. */
	const best = [{ saved: 0, from: 0, prefix: 0 }];
	for (let end = 1; end <= order.length; end++) {
		const last = rowAt(rows, order[end - 1]);
		let prefix = Math.max(0, last.length - 1);
		let found = { saved: best[end - 1]?.saved ?? 0, from: end - 1, prefix: 0 };
		for (let from = end - 2; from >= 0; from--) {
			const row = rowAt(rows, order[from]);
			prefix = Math.min(prefix, row.length - 1, sharedBy(row, last));
			if (prefix < fewest) break;
			const saved = (best[from]?.saved ?? 0) + prefix * (end - from - 1);
			if (saved > found.saved) found = { saved, from, prefix };
		}
		best.push(found);
	}
	const groups: PrefixGroup[] = [];
	for (let end = order.length; end > 0;) {
		const { from, prefix } = best[end] ?? { from: end - 1, prefix: 0 };
		groups.push({ rows: order.slice(from, end).sort((a, b) => a - b), prefix });
		end = from;
	}
	return groups.sort((a, b) => (a.rows[0] ?? 0) - (b.rows[0] ?? 0));
}

const rowAt = (rows: readonly Int32Array[], i = 0): Int32Array => rows[i] ?? new Int32Array();

/** Tokens that both begin with. */
function sharedBy(a: Int32Array, b: Int32Array): number {
	const end = Math.min(a.length, b.length);
	for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
	return end;
}

function compare(a: Int32Array, b: Int32Array): number {
	const same = sharedBy(a, b);
	return (a[same] ?? -1) - (b[same] ?? -1);
}
