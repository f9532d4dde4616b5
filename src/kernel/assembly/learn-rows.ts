/** @file Operations on F32 rows of any length, forward and backward: RMS norm, RoPE, gated activation. */
import { sum } from './dot';
import { multiplyAdd } from './learn-tile';
import { exp } from './vectors';

/** Byte length of the full vectors of n numbers; the remainder is done one by one. */
function fours(n: i32): usize {
	return (<usize>(n & ~3)) << 2;
}

/** 1 / √(mean(x²) + ε) over n numbers. */
function scaleOf(x: usize, n: i32, epsilon: f32): f32 {
	let squares = f32x4.splat(0);
	let i: usize = 0;
	for (const end = fours(n); i < end; i += 16) {
		const value = v128.load(x + i);
		squares = multiplyAdd(value, value, squares);
	}
	let total = sum(squares);
	for (const end = (<usize>n) << 2; i < end; i += 4) total += load<f32>(x + i) * load<f32>(x + i);
	return <f32>1 / sqrt<f32>(total / <f32>n + epsilon);
}

/** to = x / √(mean(x²) + ε) · weight */
export function normRow(x: usize, weight: usize, n: i32, epsilon: f32, to: usize): void {
	const by = scaleOf(x, n, epsilon);
	const all = f32x4.splat(by);
	let i: usize = 0;
	for (const end = fours(n); i < end; i += 16)
		v128.store(to + i, f32x4.mul(f32x4.mul(v128.load(x + i), all), v128.load(weight + i)));
	for (const end = (<usize>n) << 2; i < end; i += 4)
		store<f32>(to + i, load<f32>(x + i) * by * load<f32>(weight + i));
}

/** to = add + the gradient by x of a norm whose result has the gradient dy (`add` 0 adds nothing); `to` may be dy or add. */
export function normBackward(
	dy: usize,
	x: usize,
	weight: usize,
	n: i32,
	epsilon: f32,
	add: usize,
	to: usize,
): void {
	const by = scaleOf(x, n, epsilon);
	let alongs = f32x4.splat(0);
	let i: usize = 0;
	for (const end = fours(n); i < end; i += 16) {
		const weighted = f32x4.mul(v128.load(dy + i), v128.load(weight + i));
		alongs = multiplyAdd(weighted, v128.load(x + i), alongs);
	}
	let along = sum(alongs);
	for (const end = (<usize>n) << 2; i < end; i += 4)
		along += load<f32>(dy + i) * load<f32>(weight + i) * load<f32>(x + i);
	const back = (along / <f32>n) * by * by * by;
	const all = f32x4.splat(by);
	const allBack = f32x4.splat(back);
	i = 0;
	for (const end = fours(n); i < end; i += 16) {
		const weighted = f32x4.mul(v128.load(dy + i), v128.load(weight + i));
		let dx = f32x4.sub(f32x4.mul(weighted, all), f32x4.mul(v128.load(x + i), allBack));
		if (add) dx = f32x4.add(v128.load(add + i), dx);
		v128.store(to + i, dx);
	}
	for (const end = (<usize>n) << 2; i < end; i += 4) {
		const dx = load<f32>(dy + i) * load<f32>(weight + i) * by - load<f32>(x + i) * back;
		store<f32>(to + i, add ? load<f32>(add + i) + dx : dx);
	}
}

/** RoPE backward: the inverse rotation of a gradient (`applyRope` in `vectors.ts`). */
export function applyRopeBackward(x: usize, cosines: usize, sines: usize, size: i32): void {
	const half = (<usize>(size >> 1)) << 2;
	for (let i: usize = 0; i < half; i += 4) {
		const a = load<f32>(x + i);
		const b = load<f32>(x + i + half);
		const c = load<f32>(cosines + i);
		const s = load<f32>(sines + i);
		store<f32>(x + i, a * c + b * s);
		store<f32>(x + i + half, b * c - a * s);
	}
}

/** Gradients of silu(gate) · up, written over gate and up; n a multiple of 4. */
export function gatedBackward(gate: usize, up: usize, d: usize, n: i32): void {
	const one = f32x4.splat(1);
	for (let i: usize = 0; i < (<usize>n) << 2; i += 16) {
		const g = v128.load(gate + i);
		const u = v128.load(up + i);
		const by = v128.load(d + i);
		const bound = f32x4.min(f32x4.max(g, f32x4.splat(-80)), f32x4.splat(80));
		const share = f32x4.div(one, f32x4.add(one, exp(f32x4.neg(bound))));
		const slope = f32x4.mul(share, f32x4.add(one, f32x4.mul(g, f32x4.sub(one, share))));
		v128.store(gate + i, f32x4.mul(f32x4.mul(by, u), slope));
		v128.store(up + i, f32x4.mul(by, f32x4.mul(g, share)));
	}
}
