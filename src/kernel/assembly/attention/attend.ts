/**
 * @file Causal attention of a query token over the paged KV cache of its sequence, for up to three heads that share keys and
 * values: scores, their softmax weights, and the weighted sum of values. `keys` and `values` are stripes of the page table
 * `pages`; queries are [heads, size]. Scores are [heads] with rows of `line` bytes, of
 * `seen` + 4 numbers at least; the last number of a row is the factor of its weights. A cache of another type than F32 is
 * unpacked to `room`, [pageTokens, size].
 */
import { cacheF32, pageTokens } from '../layout/blocks';
import { sum } from '../dot';
import { exp } from '../vectors';
import { rowBytes, unpackRows } from './packed';
import { slotAt } from './pages';
import { scoreTokens } from './scores';
import { weighTokens } from './values';

/** Scores of the tokens `from` … `to`, `from` at the start of a page. Up to 3 numbers after `to` are overwritten. */
export function scorePages(
	q: usize,
	heads: i32,
	pages: usize,
	keys: i32,
	from: i32,
	to: i32,
	size: i32,
	scores: usize,
	line: usize,
	type: i32,
	room: usize,
): void {
	const row = (<usize>size) << 2;
	const bytes = rowBytes(type, size);
	const by = <f32>1 / sqrt<f32>(<f32>size);
	for (let t = from; t < to; t += pageTokens) {
		let k = slotAt(pages, t, keys, bytes);
		const count = (min(to - t, pageTokens) + 3) & ~3;
		if (type != cacheF32) {
			unpackRows(type, k, count, size, 0, size, room);
			k = room;
		}
		scoreTokens(q, heads, k, count, row, by, scores + ((<usize>t) << 2), line);
	}
}

/** Softmax of a row of scores over the first `seen`: weights, and the factor that makes their sum 1. */
export function softmax(scores: usize, line: usize, seen: i32): void {
	// Padding of the last vector gets no weight.
	for (let t = seen; t & 3; t++) store<f32>(scores + ((<usize>t) << 2), -f32.MAX_VALUE);
	const end = scores + ((<usize>((seen + 3) & ~3)) << 2);
	let most = f32x4.splat(-f32.MAX_VALUE);
	for (let at = scores; at < end; at += 16) most = f32x4.max(most, v128.load(at));
	const largest = f32x4.splat(
		max(
			max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
			max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
		),
	);
	let totals = f32x4.splat(0);
	for (let at = scores; at < end; at += 16) {
		const weight = exp(f32x4.sub(v128.load(at), largest));
		v128.store(at, weight);
		totals = f32x4.add(totals, weight);
	}
	store<f32>(scores + line - 4, <f32>1 / sum(totals));
}

/** votes += weights · their factor */
function addWeights(weights: usize, line: usize, seen: i32, votes: usize): void {
	const by = v128.load32_splat(weights + line - 4);
	for (let t = 0; t < seen; t += 4) {
		const at = (<usize>t) << 2;
		const weight = f32x4.mul(v128.load(weights + at), by);
		v128.store(votes + at, f32x4.add(v128.load(votes + at), weight));
	}
}

/** Loads of whole cache lines in order: the sums go over them in columns, which no hardware prefetcher follows. */
function touch(at: usize, bytes: usize): void {
	for (const end = at + bytes; at < end; at += 64) load<i32>(at);
}

/** Weighted sums of the values of the first `seen` tokens, columns from byte `from` to `end`: `to` [heads, size]. */
export function weighPages(
	pages: usize,
	values: i32,
	seen: i32,
	size: i32,
	from: usize,
	end: usize,
	heads: i32,
	weights: usize,
	line: usize,
	to: usize,
	type: i32,
	room: usize,
): void {
	const row = (<usize>size) << 2;
	const bytes = rowBytes(type, size);
	for (let h: usize = 0; h < <usize>heads; h++) memory.fill(to + h * row + from, 0, end - from);
	for (let t = 0; t < seen; t += pageTokens) {
		let v = slotAt(pages, t, values, bytes);
		const count = min(seen - t, pageTokens);
		if (type != cacheF32) {
			unpackRows(type, v, count, size, <i32>(from >> 2), <i32>(end >> 2), room);
			v = room;
		} else if (end - from == row) touch(v, <usize>count * row);
		weighTokens(v, count, row, from, end, heads, weights + ((<usize>t) << 2), line, to);
	}
	for (let h: usize = 0; h < <usize>heads; h++) {
		const share = v128.load32_splat(weights + (h + 1) * line - 4);
		for (let at = to + h * row + from; at < to + h * row + end; at += 16)
			v128.store(at, f32x4.mul(v128.load(at), share));
	}
}

/**
 * softmax(q · K / √size) · V over the first `seen` tokens, in place of the queries. The weights are added to `votes` [heads],
 * rows of `votesLine` bytes, unless it is 0.
 */
export function attend(
	q: usize,
	heads: i32,
	pages: usize,
	keys: i32,
	values: i32,
	seen: i32,
	size: i32,
	scores: usize,
	line: usize,
	votes: usize,
	votesLine: usize,
	type: i32,
	room: usize,
): void {
	scorePages(q, heads, pages, keys, 0, seen, size, scores, line, type, room);
	for (let h: usize = 0; h < <usize>heads; h++) {
		softmax(scores + h * line, line, seen);
		if (votes) addWeights(scores + h * line, line, seen, votes + h * votesLine);
	}
	const row = (<usize>size) << 2;
	weighPages(pages, values, seen, size, 0, row, heads, scores, line, q, type, room);
}
