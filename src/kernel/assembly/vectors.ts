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

/** e^x by a polynomial of the fraction of x · log2(e): relative error below 2e-7. */
export function exp(x: v128): v128 {
	const y = f32x4.max(f32x4.mul(x, f32x4.splat(1.4426950408889634)), f32x4.splat(-126));
	const whole = f32x4.nearest(y);
	const f = f32x4.sub(y, whole);
	let p = f32x4.splat(1.5353361883195e-4);
	p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.339887440266574e-3));
	p = f32x4.add(f32x4.mul(p, f), f32x4.splat(9.61843735767464e-3));
	p = f32x4.add(f32x4.mul(p, f), f32x4.splat(5.550332471162809e-2));
	p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.402264791363012e-1));
	p = f32x4.add(f32x4.mul(p, f), f32x4.splat(6.931472028550421e-1));
	p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1));
	const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
	return f32x4.mul(p, power);
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
