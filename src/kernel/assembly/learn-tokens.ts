/** @file Per-token operations of a layer between its products. */
import * as Learn from './layout/learn';
import { elementAt } from './learn-linear';
import { normBackward, normRow, applyRopeBackward } from './learn-rows';
import { gated, applyRope } from './vectors';

function loadI32(at: usize): i32 {
	return load<i32>(at);
}
function loadPointer(at: usize): usize {
	return <usize>load<u32>(at);
}

/** Position of token `i` in its sequence, the prefix included. */
function positionOf(job: usize, i: i32): i32 {
	const table = loadPointer(job + Learn.sequenceTable);
	let sequence = table + <usize>(loadI32(job + Learn.sequences) - 1) * Learn.sequenceBytes;
	while (sequence > table && loadI32(sequence + Learn.sequenceStart) > i)
		sequence -= Learn.sequenceBytes;
	return i - loadI32(sequence + Learn.sequenceStart) + loadI32(sequence + Learn.prefixTokens);
}

/** RMS norm and RoPE of the heads of one token. */
function rotateHeads(
	job: usize,
	i: i32,
	from: usize,
	count: i32,
	stride: i32,
	weight: usize,
	to: usize,
): void {
	const size = loadI32(job + Learn.headSize);
	const rope = loadI32(loadPointer(job + Learn.layer) + Learn.layerRope);
	const epsilon = load<f32>(job + Learn.epsilon);
	const position = positionOf(job, i);
	for (let h = 0; h < count; h++) {
		const x = elementAt(from, i, stride, h * size);
		const y = elementAt(to, i, stride, h * size);
		if (weight) normRow(x, weight, size, epsilon, y);
		else memory.copy(y, x, (<usize>size) << 2);
		if (!rope) continue;
		const cosines = elementAt(loadPointer(job + Learn.cosines), position, size >> 1, 0);
		applyRope(y, cosines, elementAt(loadPointer(job + Learn.sines), position, size >> 1, 0), size);
	}
}

/** Backward pass of `rotateHeads`, in place. */
export function rotateHeadsBackward(
	job: usize,
	i: i32,
	d: usize,
	count: i32,
	stride: i32,
	weight: usize,
	from: usize,
): void {
	const size = loadI32(job + Learn.headSize);
	const rope = loadI32(loadPointer(job + Learn.layer) + Learn.layerRope);
	const epsilon = load<f32>(job + Learn.epsilon);
	const position = positionOf(job, i);
	for (let h = 0; h < count; h++) {
		const dy = elementAt(d, i, stride, h * size);
		if (rope) {
			const cosines = elementAt(loadPointer(job + Learn.cosines), position, size >> 1, 0);
			applyRopeBackward(
				dy,
				cosines,
				elementAt(loadPointer(job + Learn.sines), position, size >> 1, 0),
				size,
			);
		}
		if (weight)
			normBackward(dy, elementAt(from, i, stride, h * size), weight, size, epsilon, 0, dy);
	}
}

/** Rotated queries and keys of rows `from` to `end`. */
export function rotateRows(job: usize, from: i32, end: i32): void {
	const layer = loadPointer(job + Learn.layer);
	for (let i = from; i < end; i++) {
		rotateHeads(
			job,
			i,
			loadPointer(job + Learn.queries),
			loadI32(job + Learn.heads),
			loadI32(job + Learn.queryStride),
			loadPointer(layer + Learn.layerQueryNorm),
			loadPointer(job + Learn.rotatedQueries),
		);
		rotateHeads(
			job,
			i,
			loadPointer(job + Learn.keys),
			loadI32(job + Learn.keyValueHeads),
			loadI32(job + Learn.keyStride),
			loadPointer(layer + Learn.layerKeyNorm),
			loadPointer(job + Learn.rotatedKeys),
		);
	}
}

export function normRows(job: usize, from: i32, end: i32, x: usize, weight: usize): void {
	const stride = loadI32(job + Learn.hiddenStride);
	for (let i = from; i < end; i++)
		normRow(
			elementAt(x, i, stride, 0),
			weight,
			loadI32(job + Learn.hidden),
			load<f32>(job + Learn.epsilon),
			elementAt(loadPointer(job + Learn.normed), i, stride, 0),
		);
}

export function gateRows(job: usize, from: i32, end: i32): void {
	const stride = loadI32(job + Learn.innerStride);
	const gate = loadPointer(job + Learn.gate);
	const up = loadPointer(job + Learn.up);
	const to = loadPointer(job + Learn.gated);
	const last = (<usize>end * <usize>stride) << 2;
	for (let i = (<usize>from * <usize>stride) << 2; i < last; i += 16)
		v128.store(to + i, gated(v128.load(gate + i), v128.load(up + i)));
}
