/** @file Operations on single F32 rows: RMS norm, RoPE, gated activation, dot product. */
import { sum } from './dot';

/** to = x / √(mean(x²) + ε) · weight over n numbers, n a multiple of 4. */
export function norm(x: usize, weight: usize, n: i32, epsilon: f32, to: usize): void {
	const bytes = (<usize>n) << 2;
	let squares = f32x4.splat(0);
	for (let i: usize = 0; i < bytes; i += 16) {
		const values = v128.load(x + i);
		squares = f32x4.add(squares, f32x4.mul(values, values));
	}
	const by = f32x4.splat(<f32>1 / sqrt<f32>(sum(squares) / <f32>n + epsilon));
	for (let i: usize = 0; i < bytes; i += 16)
		v128.store(to + i, f32x4.mul(f32x4.mul(v128.load(x + i), by), v128.load(weight + i)));
}

/** RoPE: rotates a head [size] by angles [size / 2]; the first half is the real part. */
export function applyRope(x: usize, cosines: usize, sines: usize, size: i32): void {
	const half = (<usize>(size >> 1)) << 2;
	for (let i: usize = 0; i < half; i += 4) {
		const a = load<f32>(x + i);
		const b = load<f32>(x + i + half);
		const c = load<f32>(cosines + i);
		const s = load<f32>(sines + i);
		store<f32>(x + i, a * c - b * s);
		store<f32>(x + i + half, b * c + a * s);
	}
}

/**
 * Constants of `exp` in memory: engines build a constant vector anew wherever it is used, which takes longer than to load it.
 * log2(e), the lowest exponent, 1.5 · 2^23, the coefficients of a polynomial of the sixth degree. The last one is 1, whose bits
 * are an exponent of 0.
 */
const constants = memory.data<f32>([
	1.4426950408889634, -126, 12582912, 1.5353361883195e-4, 1.339887440266574e-3, 9.61843735767464e-3,
	5.550332471162809e-2, 2.402264791363012e-1, 6.931472028550421e-1, 1,
]);
export function expConstant(i: usize): v128 {
	return v128.load32_splat(constants + (i << 2));
}

/** p · f + c */
export function expStep(p: v128, f: v128, c: v128): v128 {
	return f32x4.add(f32x4.mul(p, f), c);
}

/** e^x by a polynomial of the fraction of x · log2(e): relative error below 2e-7. */
export function exp(x: v128): v128 {
	// One instruction, unlike the other maximum, which orders zeros too; NaN stays NaN.
	const y = f32x4.pmax(f32x4.mul(x, expConstant(0)), expConstant(1));
	// A sum with 1.5 · 2^23 is rounded to a whole number, which its last bits hold.
	const sum = f32x4.add(y, expConstant(2));
	const f = f32x4.sub(y, f32x4.sub(sum, expConstant(2)));
	let p = expConstant(3);
	for (let i: usize = 4; i < 10; i++) p = expStep(p, f, expConstant(i));
	return f32x4.mul(p, i32x4.add(i32x4.shl(sum, 23), expConstant(9)));
}

/** silu(gate) · up */
export function gated(gate: v128, up: v128): v128 {
	// Nothing changes beyond ±80, and e^80 is still finite.
	const bound = f32x4.min(f32x4.max(gate, f32x4.splat(-80)), f32x4.splat(80));
	const below = f32x4.add(f32x4.splat(1), exp(f32x4.neg(bound)));
	return f32x4.mul(f32x4.div(gate, below), up);
}

/** Σ x · y over n numbers, n a multiple of 4. */
export function inner(x: usize, y: usize, n: i32): f32 {
	let acc = f32x4.splat(0);
	for (let i: usize = 0; i < (<usize>n) << 2; i += 16)
		acc = f32x4.add(acc, f32x4.mul(v128.load(x + i), v128.load(y + i)));
	return sum(acc);
}
