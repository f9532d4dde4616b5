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

/** The side of each row; `share` of the sources, those of the least hashes, are validation, at least one if there are several. */
export function splitRows(rows: readonly Placed[], share: number): readonly Side[] {
	const sources = joinedSources(rows);
	const hashOf = (source: string): number => hash32(`validation ${source}`);
	const byHash = [...new Set(sources)].sort((a, b) => hashOf(a) - hashOf(b) || (a < b ? -1 : 1));
	// Something is held back, and something is left to learn.
	const wanted = Math.min(byHash.length - 1, Math.max(1, Math.round(share * byHash.length)));
	const chosen = new Set(share > 0 && rows.length >= fewest ? byHash.slice(0, wanted) : []);
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
