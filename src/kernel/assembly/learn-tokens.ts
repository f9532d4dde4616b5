/** @file What a layer does to rows of tokens one by one, between its products. */
import * as Learn from './layout/learn';
import { place } from './learn-linear';
import { normBack, normRow, turnBack } from './learn-rows';
import { gated, turn } from './vectors';

function whole(at: usize): i32 {
	return load<i32>(at);
}
function address(at: usize): usize {
	return <usize>load<u32>(at);
}

/** Where token `i` stands in its sequence. */
function positionOf(job: usize, i: i32): i32 {
	const starts = address(job + Learn.starts);
	let s = whole(job + Learn.sequences) - 1;
	while (s > 0 && whole(starts + ((<usize>s) << 2)) > i) s--;
	return i - whole(starts + ((<usize>s) << 2));
}

/** Heads of one token, normed and turned. */
function turnHeads(
	job: usize,
	i: i32,
	from: usize,
	count: i32,
	stride: i32,
	weight: usize,
	to: usize,
): void {
	const size = whole(job + Learn.headSize);
	const rope = whole(address(job + Learn.layer) + Learn.layerRope);
	const epsilon = load<f32>(job + Learn.epsilon);
	const position = positionOf(job, i);
	for (let h = 0; h < count; h++) {
		const x = place(from, i, stride, h * size);
		const y = place(to, i, stride, h * size);
		if (weight) normRow(x, weight, size, epsilon, y);
		else memory.copy(y, x, (<usize>size) << 2);
		if (!rope) continue;
		const cosines = place(address(job + Learn.cosines), position, size >> 1, 0);
		turn(y, cosines, place(address(job + Learn.sines), position, size >> 1, 0), size);
	}
}

/** The gradient of what `turnHeads` was given, in place of that of what it gave. */
export function turnHeadsBack(
	job: usize,
	i: i32,
	d: usize,
	count: i32,
	stride: i32,
	weight: usize,
	from: usize,
): void {
	const size = whole(job + Learn.headSize);
	const rope = whole(address(job + Learn.layer) + Learn.layerRope);
	const epsilon = load<f32>(job + Learn.epsilon);
	const position = positionOf(job, i);
	for (let h = 0; h < count; h++) {
		const dy = place(d, i, stride, h * size);
		if (rope) {
			const cosines = place(address(job + Learn.cosines), position, size >> 1, 0);
			turnBack(dy, cosines, place(address(job + Learn.sines), position, size >> 1, 0), size);
		}
		if (weight) normBack(dy, place(from, i, stride, h * size), weight, size, epsilon, 0, dy);
	}
}

/** Rows `from` to `end`: queries and keys as attention sees them. */
export function turnRowsOf(job: usize, from: i32, end: i32): void {
	const layer = address(job + Learn.layer);
	for (let i = from; i < end; i++) {
		turnHeads(
			job,
			i,
			address(job + Learn.queries),
			whole(job + Learn.heads),
			whole(job + Learn.queryStride),
			address(layer + Learn.layerQueryNorm),
			address(job + Learn.turnedQueries),
		);
		turnHeads(
			job,
			i,
			address(job + Learn.keys),
			whole(job + Learn.keyValueHeads),
			whole(job + Learn.keyStride),
			address(layer + Learn.layerKeyNorm),
			address(job + Learn.turnedKeys),
		);
	}
}

export function normRows(job: usize, from: i32, end: i32, x: usize, weight: usize): void {
	const stride = whole(job + Learn.hiddenStride);
	for (let i = from; i < end; i++)
		normRow(
			place(x, i, stride, 0),
			weight,
			whole(job + Learn.hidden),
			load<f32>(job + Learn.epsilon),
			place(address(job + Learn.normed), i, stride, 0),
		);
}

export function gateRows(job: usize, from: i32, end: i32): void {
	const stride = whole(job + Learn.innerStride);
	const gate = address(job + Learn.gate);
	const up = address(job + Learn.up);
	const to = address(job + Learn.gated);
	const last = (<usize>end * <usize>stride) << 2;
	for (let i = (<usize>from * <usize>stride) << 2; i < last; i += 16)
		v128.store(to + i, gated(v128.load(gate + i), v128.load(up + i)));
}
