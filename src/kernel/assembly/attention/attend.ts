/**
 * @file Causal attention of a query token over the paged KV cache of its sequence, for up to three heads that share keys and
 * values: scores, their softmax weights, and the weighted sum of values. `keys` and `values` are stripes of the page table
 * `pages`; queries are [heads, size]. Scores are [heads] with rows of `line` bytes, of
 * `seen` + 4 numbers at least; the last number of a row is the factor of its weights. Rows of F16 are unpacked
 * to `room`, [pageTokens, size] and `listNumbers`; those of 8 bits are multiplied as whole numbers, with their lists there.
 */
import { cacheF32, pageTokens } from '../layout/blocks';
import { quantiseQueries, scoreEight } from './eight-scores';
import { roundWeights, weighEight } from './eight-values';
import { isWhole, rowBytes, unpackRows } from './packed';
import { slotAt } from './pages';
import { scoreTokens } from './scores';
import { softmax } from './softmax';
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
	values: i32,
): void {
	const row = (<usize>size) << 2;
	const bytes = rowBytes(type, size);
	const by = <f32>1 / sqrt<f32>(<f32>size);
	const whole = isWhole(type, size);
	const factors = room + <usize>(heads * size) * 2;
	if (whole) quantiseQueries(q, heads, size, by, room, factors);
	for (let t = from; t < to; t += pageTokens) {
		let k = slotAt(pages, t, keys, bytes);
		const count = (min(to - t, pageTokens) + 3) & ~3;
		const at = scores + ((<usize>t) << 2);
		if (whole) {
			const v = slotAt(pages, t, values, bytes);
			scoreEight(room, heads, k, count, size, factors, at, line, v);
			continue;
		}
		if (type != cacheF32) {
			unpackRows(type, k, count, size, 0, size, room);
			k = room;
		}
		scoreTokens(q, heads, k, count, row, by, at, line);
	}
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
	if (isWhole(type, size)) {
		const first = <i32>(from >> 2);
		const last = <i32>(end >> 2);
		weighEight(pages, values, seen, size, first, last, heads, weights, line, to, room);
		return;
	}
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
	scorePages(q, heads, pages, keys, 0, seen, size, scores, line, type, room, values);
	for (let h: usize = 0; h < <usize>heads; h++) {
		softmax(scores + h * line, line, seen);
		if (votes) addWeights(scores + h * line, line, seen, votes + h * votesLine);
		if (isWhole(type, size)) roundWeights(scores + h * line, line, seen, pages, values, size);
	}
	const row = (<usize>size) << 2;
	weighPages(pages, values, seen, size, 0, row, heads, scores, line, q, type, room);
}
