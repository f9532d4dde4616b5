/** @file Softmax of a row of attention scores. */
import { sum } from '../dot';
import { exp, expConstant, expStep } from '../vectors';

/** Largest of `scores` … `end`. */
function largestOf(scores: usize, end: usize): v128 {
	let most = f32x4.splat(-f32.MAX_VALUE);
	// One instruction, unlike the other maximum, which orders zeros too; of NaN the sum is NaN anyway.
	for (let at = scores; at < end; at += 16) most = f32x4.pmax(most, v128.load(at));
	return f32x4.splat(
		max(
			max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
			max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
		),
	);
}

/**
 * Weights e^(score − largest) over the first `seen` scores, and at the end of the row of `line` bytes the factor that makes their
 * sum 1.
 */
export function softmax(scores: usize, line: usize, seen: i32): void {
	// Padding of the last vector gets no weight.
	for (let t = seen; t & 3; t++) store<f32>(scores + ((<usize>t) << 2), -f32.MAX_VALUE);
	const end = scores + ((<usize>((seen + 3) & ~3)) << 2);
	const largest = largestOf(scores, end);
	let totals = f32x4.splat(0);
	let at = scores;
	// `exp` of two vectors, so that a constant is loaded once for both.
	for (; at + 16 < end; at += 32) {
		let x = f32x4.sub(v128.load(at), largest);
		let y = f32x4.sub(v128.load(at, 16), largest);
		let c = expConstant(0);
		x = f32x4.mul(x, c);
		y = f32x4.mul(y, c);
		c = expConstant(1);
		x = f32x4.pmax(x, c);
		y = f32x4.pmax(y, c);
		c = expConstant(2);
		const s = f32x4.add(x, c);
		const t = f32x4.add(y, c);
		x = f32x4.sub(x, f32x4.sub(s, c));
		y = f32x4.sub(y, f32x4.sub(t, c));
		let p = expConstant(3);
		c = expConstant(4);
		let q = expStep(p, y, c);
		p = expStep(p, x, c);
		c = expConstant(5);
		q = expStep(q, y, c);
		p = expStep(p, x, c);
		c = expConstant(6);
		q = expStep(q, y, c);
		p = expStep(p, x, c);
		c = expConstant(7);
		q = expStep(q, y, c);
		p = expStep(p, x, c);
		c = expConstant(8);
		q = expStep(q, y, c);
		p = expStep(p, x, c);
		c = expConstant(9);
		q = expStep(q, y, c);
		p = expStep(p, x, c);
		p = f32x4.mul(p, i32x4.add(i32x4.shl(s, 23), c));
		q = f32x4.mul(q, i32x4.add(i32x4.shl(t, 23), c));
		v128.store(at, p);
		v128.store(at, q, 16);
		totals = f32x4.add(f32x4.add(totals, p), q);
	}
	for (; at < end; at += 16) {
		const weight = exp(f32x4.sub(v128.load(at), largest));
		v128.store(at, weight);
		totals = f32x4.add(totals, weight);
	}
	store<f32>(scores + line - 4, <f32>1 / sum(totals));
}
