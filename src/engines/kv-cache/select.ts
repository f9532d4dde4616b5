/**
 * @file Selection of the tokens whose keys and values stay in a KV cache: SnapKV (Li et al. 2024, arXiv 2404.14469), with
 * StreamingLLM (Xiao et al. 2023, arXiv 2309.17453), H2O (Zhang et al. 2023, arXiv 2306.14048) and random tokens as controls
 * at the same budget.
 *
 * It differs from SnapKV's code in one respect: query heads that share keys share one set (their pooled votes are averaged),
 * since the cache holds their keys once. With a query head for each key head nothing differs.
 */
import { derive, random } from '#base/random.ts';
import { pooled, type Pool } from './pool.ts';

export const selectionMethods = ['snapkv', 'streaming', 'h2o', 'random'] as const;

export interface Selection {
	readonly method: (typeof selectionMethods)[number];
	/** Tokens kept in all, window and sinks among them. */
	readonly budget: number;
	/** Last tokens of the prompt: always kept, and with `snapkv` the ones whose attention counts. */
	readonly window: number;
	/** First tokens of the prompt, always kept. */
	readonly sinks: number;
	/** Neighbours that are pooled, an odd number; 1 pools nothing. Only of `snapkv`. */
	readonly kernel: number;
	readonly pool: Pool;
	/** How the votes of query heads with the same keys become one. */
	readonly group: 'mean' | 'max';
	/** Seed of `random`. */
	readonly seed: number;
}

/** Attention of one layer's queries, summed over the queries that vote: F32 [heads, length]. */
export interface Votes {
	readonly values: Float32Array;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly length: number;
}

/**
 * Queries whose attention is summed, counted from the end of the prompt. H2O sums it over all of them, the others need
 * only the window's or none.
 */
export const votersOf = ({ method, window }: Selection, length: number): number =>
	method === 'h2o' ? length : method === 'snapkv' ? Math.min(window, length) : 0;

/**
 * The kept tokens of each key-value head of a layer, ascending: exactly `budget`, or all if there are no more. Of equal
 * votes the earlier token's counts more.
 */
export function keptTokens(votes: Votes, selection: Selection, layer: number): Int32Array[] {
	const { length, keyValueHeads } = votes;
	const { budget, method } = selection;
	if (!(budget >= 1)) throw new RangeError(`A KV cache keeps a token at least, not ${budget}.`);
	return Array.from({ length: keyValueHeads }, (_, g) => {
		if (length <= budget) return Int32Array.from({ length }, (__, t) => t);
		const { from, to } = contested(selection, length);
		const free = budget - from - (length - to);
		const chosen =
			method === 'random'
				? drawn(from, to, free, derive(selection.seed, layer, g))
				: method === 'streaming'
					? Array.from({ length: free }, (__, i) => to - free + i)
					: highest(scores(votes, g, selection, to), from, to, free);
		const kept = [...range(0, from), ...chosen, ...range(to, length)];
		return Int32Array.from(kept).sort();
	});
}

/** The tokens `from` … `to` that may be dropped: all but sinks and window, which is cut if the budget is smaller. */
function contested(
	{ method, budget, window, sinks }: Selection,
	length: number,
): { readonly from: number; readonly to: number } {
	// Half of H2O's budget is recent tokens, as its authors split it.
	const recent = method === 'h2o' ? Math.floor(budget / 2) : window;
	const last = Math.min(recent, budget);
	return { from: Math.min(sinks, budget - last), to: length - last };
}

/** Scores [to] of the tokens before the window, for one key-value head. */
function scores(
	{ values, heads, keyValueHeads, length }: Votes,
	group: number,
	{ method, kernel, pool, group: joined }: Selection,
	to: number,
): Float64Array {
	const size = heads / keyValueHeads;
	const sums = new Float64Array(to).fill(joined === 'max' ? -Infinity : 0);
	for (let h = group * size; h < (group + 1) * size; h++) {
		const own = Float64Array.from(values.subarray(h * length, h * length + to));
		const smooth = method === 'snapkv' ? pooled(own, kernel, pool) : own;
		for (let t = 0; t < to; t++) {
			const [before, score] = [sums[t] ?? 0, smooth[t] ?? 0];
			sums[t] = joined === 'max' ? Math.max(before, score) : before + score / size;
		}
	}
	return sums;
}

/** The `count` tokens of `from` … `to` with the highest scores, the earlier of equal ones. */
function highest(score: Float64Array, from: number, to: number, count: number): number[] {
	if (count <= 0) return [];
	const sorted = score.slice(from, to).sort();
	const least = sorted[sorted.length - count] ?? -Infinity;
	const all = range(from, to);
	const above = all.filter((t) => (score[t] ?? 0) > least);
	const equal = all.filter((t) => score[t] === least);
	return [...above, ...equal.slice(0, count - above.length)];
}

const drawn = (from: number, to: number, count: number, seed: number): number[] =>
	random(seed).shuffle(range(from, to)).slice(0, count);

const range = (from: number, to: number): number[] =>
	Array.from({ length: to - from }, (_, i) => from + i);
