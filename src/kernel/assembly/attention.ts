/** @file Causal attention of one head of one query token over the paged KV cache of its sequence. */
import { pageTokens } from './layout/blocks';
import { sum } from './dot';
import { exp } from './vectors';

/**
 * softmax(q · K / √size) · V over the first `seen` tokens. Keys (values) of the head start at `keysAt` (`valuesAt`) of
 * each page, [pageTokens, size]. `scores` holds `seen` + 3 numbers; `to` may alias `q`. The weights are added to `votes`,
 * of `seen` + 3 numbers too, unless it is 0.
 */
export function attend(
	q: usize,
	pages: usize,
	keysAt: usize,
	valuesAt: usize,
	seen: i32,
	size: i32,
	scores: usize,
	to: usize,
	votes: usize,
): void {
	const row = (<usize>size) << 2;
	const by = <f32>1 / sqrt<f32>(<f32>size);
	let most: f32 = -f32.MAX_VALUE;
	for (let t = 0; t < seen; t++) {
		const page = <usize>load<u32>(pages + ((<usize>(t / pageTokens)) << 2));
		const k = page + keysAt + <usize>(t & (pageTokens - 1)) * row;
		let acc = f32x4.splat(0);
		for (let i: usize = 0; i < row; i += 16)
			acc = f32x4.add(acc, f32x4.mul(v128.load(q + i), v128.load(k + i)));
		const score = sum(acc) * by;
		store<f32>(scores + ((<usize>t) << 2), score);
		most = max(most, score);
	}
	// Padding of the last vector gets no weight.
	for (let t = seen; t & 3; t++) store<f32>(scores + ((<usize>t) << 2), -f32.MAX_VALUE);
	let totals = f32x4.splat(0);
	const largest = f32x4.splat(most);
	for (let t = 0; t < seen; t += 4) {
		const at = scores + ((<usize>t) << 2);
		const weight = exp(f32x4.sub(v128.load(at), largest));
		v128.store(at, weight);
		totals = f32x4.add(totals, weight);
	}
	const share = <f32>1 / sum(totals);
	if (votes) addWeights(scores, share, seen, votes);
	for (let i: usize = 0; i < row; i += 64) {
		if (row - i >= 64) weighValues16(pages, valuesAt + i, row, seen, scores, share, to + i);
		else
			for (let j = i; j < row; j += 16)
				weighValues4(pages, valuesAt + j, row, seen, scores, share, to + j);
	}
}

/** votes += weights · share */
function addWeights(weights: usize, share: f32, seen: i32, votes: usize): void {
	const by = f32x4.splat(share);
	for (let t = 0; t < seen; t += 4) {
		const at = (<usize>t) << 2;
		const weight = f32x4.mul(v128.load(weights + at), by);
		v128.store(votes + at, f32x4.add(v128.load(votes + at), weight));
	}
}

/** 16 columns of the weighted sum of values. */
function weighValues16(
	pages: usize,
	at: usize,
	row: usize,
	seen: i32,
	scores: usize,
	share: f32,
	to: usize,
): void {
	let y0 = f32x4.splat(0);
	let y1 = f32x4.splat(0);
	let y2 = f32x4.splat(0);
	let y3 = f32x4.splat(0);
	for (let t = 0; t < seen;) {
		let v = <usize>load<u32>(pages + ((<usize>(t / pageTokens)) << 2)) + at;
		for (const end = min(seen, t + pageTokens); t < end; t++, v += row) {
			const weight = v128.load32_splat(scores + ((<usize>t) << 2));
			y0 = f32x4.add(y0, f32x4.mul(weight, v128.load(v)));
			y1 = f32x4.add(y1, f32x4.mul(weight, v128.load(v, 16)));
			y2 = f32x4.add(y2, f32x4.mul(weight, v128.load(v, 32)));
			y3 = f32x4.add(y3, f32x4.mul(weight, v128.load(v, 48)));
		}
	}
	const by = f32x4.splat(share);
	v128.store(to, f32x4.mul(y0, by));
	v128.store(to, f32x4.mul(y1, by), 16);
	v128.store(to, f32x4.mul(y2, by), 32);
	v128.store(to, f32x4.mul(y3, by), 48);
}

function weighValues4(
	pages: usize,
	at: usize,
	row: usize,
	seen: i32,
	scores: usize,
	share: f32,
	to: usize,
): void {
	let y = f32x4.splat(0);
	for (let t = 0; t < seen; t++) {
		const page = <usize>load<u32>(pages + ((<usize>(t / pageTokens)) << 2));
		const v = page + at + <usize>(t & (pageTokens - 1)) * row;
		const weight = v128.load32_splat(scores + ((<usize>t) << 2));
		y = f32x4.add(y, f32x4.mul(weight, v128.load(v)));
	}
	v128.store(to, f32x4.mul(y, f32x4.splat(share)));
}
