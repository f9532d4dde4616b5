/**
 * @file Split into training and validation rows by a hash of their source. Sources that share near-duplicates count as
 * one, so that nothing is validated on what was learnt.
 */
import { hash32 } from '#base/random.ts';

export type Side = 'training' | 'validation';

/** A row as the split sees it. */
export interface Placed {
	readonly source: string;
	/** Index of the first row that it is like; its own if it is like none. */
	readonly group: number;
}

/** Rows below which nothing is held back. */
const fewest = 5;

/** The side of each row; about `share` of the sources are validation, at least one if there are several. */
export function splitRows(rows: readonly Placed[], share: number): readonly Side[] {
	const sources = joinedSources(rows);
	const hashes = new Map(
		sources.map((source) => [source, hash32(`validation ${source}`) / 2 ** 32]),
	);
	const chosen = new Set([...hashes].flatMap(([source, hash]) => (hash < share ? [source] : [])));
	if (share > 0 && rows.length >= fewest && hashes.size > 1) {
		const byHash = [...hashes].sort((a, b) => a[1] - b[1]).map(([source]) => source);
		const [least] = byHash;
		if (chosen.size === 0 && least !== undefined) chosen.add(least);
		// Something must be left to learn.
		const last = byHash.at(-1);
		if (chosen.size === hashes.size && last !== undefined) chosen.delete(last);
	} else chosen.clear();
	return sources.map((source) => (chosen.has(source) ? 'validation' : 'training'));
}

/** For each row the name of its source, the first of those that are joined by near-duplicates. */
function joinedSources(rows: readonly Placed[]): readonly string[] {
	const parent = new Map<string, string>();
	const find = (name: string): string => {
		let at = name;
		for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
		return at;
	};
	for (const { source, group } of rows) {
		if (!parent.has(source)) parent.set(source, source);
		const first = rows[group]?.source;
		if (first === undefined || first === source) continue;
		const [a, b] = [find(first), find(source)].sort();
		if (a !== undefined && b !== undefined && a !== b) parent.set(b, a);
	}
	return rows.map(({ source }) => find(source));
}
