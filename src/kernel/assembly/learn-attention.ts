/**
 * @file Causal attention of one sequence and one group of heads that share keys and values, there and back. Scores exist for
 * a few rows at a time; on the way back they are made again.
 */
import * as Learn from './layout/learn';
import { place } from './learn-linear';
import { put, tile, tileOfColumns, tileRows } from './learn-tile';
import { sum } from './dot';
import { exp } from './vectors';

function whole(at: usize): i32 {
	return load<i32>(at);
}
function address(at: usize): usize {
	return <usize>load<u32>(at);
}

/** [tokens / 8] panels of [size, 8]: rows transposed, so that they are the right side of a product. */
function turnRows(from: usize, stride: i32, tokens: i32, size: i32, to: usize): void {
	for (let t = 0; t < tokens; t += 8)
		for (let s = 0; s < size; s++, to += 32)
			for (let j = 0; j < 8; j++)
				store<f32>(
					to + ((<usize>j) << 2),
					t + j < tokens ? load<f32>(place(from, t + j, stride, s)) : 0,
				);
}

/** Rows `first` to `end` of left · rightᵀ as far as tokens are seen. */
function scores(
	left: usize,
	stride: i32,
	first: i32,
	end: i32,
	panels: usize,
	size: i32,
	to: usize,
	toStride: i32,
	sums: usize,
): void {
	for (let i = first; i < end; i += tileRows) {
		const rows = min(tileRows, end - i);
		for (let t = 0; t < i + rows; t += 8) {
			const b = panels + ((<usize>(t * size)) << 2);
			tile(place(left, i, stride, 0), (<usize>stride) << 2, size, b, 32, 0, 0, 0, sums);
			put(sums, rows, 8, place(to, i - first, toStride, t), (<usize>toStride) << 2, 0, 0);
		}
	}
}

/** softmax(row · by) over the first `seen` numbers; 0 behind them, up to `width`, a multiple of 4. */
function softmax(row: usize, seen: i32, width: i32, by: f32): void {
	for (let t = seen; t < width; t++) store<f32>(row + ((<usize>t) << 2), -f32.MAX_VALUE);
	let most = v128.load(row);
	const bytes = (<usize>width) << 2;
	for (let i: usize = 16; i < bytes; i += 16) most = f32x4.max(most, v128.load(row + i));
	const largest = f32x4.splat(
		max(
			max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
			max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
		),
	);
	let totals = f32x4.splat(0);
	const scale = f32x4.splat(by);
	const used = (<usize>((seen + 3) & ~3)) << 2;
	for (let i: usize = 0; i < used; i += 16) {
		const share = exp(f32x4.mul(f32x4.sub(v128.load(row + i), largest), scale));
		v128.store(row + i, share);
		totals = f32x4.add(totals, share);
	}
	// What is behind the last is e^-87 at most, but must not count at all.
	let total = sum(totals);
	for (let t = seen; t < width; t++) {
		if ((<usize>t) << 2 < used) total -= load<f32>(row + ((<usize>t) << 2));
		store<f32>(row + ((<usize>t) << 2), 0);
	}
	const inverse = f32x4.splat(<f32>1 / total);
	for (let i: usize = 0; i < used; i += 16)
		v128.store(row + i, f32x4.mul(v128.load(row + i), inverse));
}

/** In place of dP: P · (dP − Σ P · dP) · by, 0 behind the first `seen`. */
function softmaxBack(p: usize, d: usize, seen: i32, width: i32, by: f32): void {
	for (let t = seen; t < width; t++) store<f32>(d + ((<usize>t) << 2), 0);
	const bytes = (<usize>width) << 2;
	let along = f32x4.splat(0);
	for (let i: usize = 0; i < bytes; i += 16)
		along = f32x4.add(along, f32x4.mul(v128.load(p + i), v128.load(d + i)));
	const mean = f32x4.splat(sum(along));
	const scale = f32x4.splat(by);
	for (let i: usize = 0; i < bytes; i += 16)
		v128.store(
			d + i,
			f32x4.mul(f32x4.mul(v128.load(p + i), f32x4.sub(v128.load(d + i), mean)), scale),
		);
}

/** Rows `first` to `end` of to = P · right. */
function mix(
	p: usize,
	pStride: i32,
	first: i32,
	end: i32,
	right: usize,
	rightStride: i32,
	size: i32,
	to: usize,
	toStride: i32,
	sums: usize,
): void {
	const step = (<usize>rightStride) << 2;
	for (let i = first; i < end; i += tileRows) {
		const rows = min(tileRows, end - i);
		const a = place(p, i - first, pStride, 0);
		for (let s = 0; s < size; s += 8) {
			const b = right + ((<usize>s) << 2);
			tile(a, (<usize>pStride) << 2, i + rows, b, step, 0, 0, 0, sums);
			put(sums, rows, size - s, place(to, i, toStride, s), (<usize>toStride) << 2, 0, 0);
		}
	}
}

/** to [end, size] += Pᵀ · left for the rows `first` to `end`. */
function collect(
	p: usize,
	pStride: i32,
	first: i32,
	end: i32,
	left: usize,
	leftStride: i32,
	size: i32,
	to: usize,
	toStride: i32,
	sums: usize,
): void {
	const step = (<usize>pStride) << 2;
	const line = (<usize>toStride) << 2;
	for (let t = 0; t < end; t += tileRows)
		for (let s = 0; s < size; s += 8) {
			const b = place(left, first, leftStride, s);
			tileOfColumns(p + ((<usize>t) << 2), step, end - first, b, (<usize>leftStride) << 2, sums);
			const at = place(to, t, toStride, s);
			put(sums, min(tileRows, end - t), size - s, at, line, at, line);
		}
}

/** Item `index` of sequences · groups: `mixed`, and with `isBack` the gradients of turned queries, turned keys and values. */
export function attendAll(job: usize, index: i32, isBack: boolean, room: usize, sums: usize): void {
	const groups = whole(job + Learn.keyValueHeads);
	const shared = whole(job + Learn.heads) / groups;
	const size = whole(job + Learn.headSize);
	const queryStride = whole(job + Learn.queryStride);
	const keyStride = whole(job + Learn.keyStride);
	const stride = whole(job + Learn.scoresStride);
	const sequence = (<usize>(index / groups)) << 2;
	const group = (index % groups) * size;
	const start = whole(address(job + Learn.starts) + sequence);
	const tokens = whole(address(job + Learn.lengths) + sequence);
	const keys = place(address(job + Learn.turnedKeys), start, keyStride, group);
	const values = place(address(job + Learn.values), start, keyStride, group);
	const dKeys = place(address(job + Learn.dKeys), start, keyStride, group);
	const dValues = place(address(job + Learn.dValues), start, keyStride, group);
	const panels = (<usize>(stride * size)) << 2;
	const p = room + 2 * panels;
	const d = p + ((<usize>((Learn.scoreRows + tileRows) * stride)) << 2);
	const by = <f32>1 / sqrt<f32>(<f32>size);
	turnRows(keys, keyStride, tokens, size, room);
	if (isBack) {
		turnRows(values, keyStride, tokens, size, room + panels);
		for (let t = 0; t < tokens; t++) {
			memory.fill(place(dKeys, t, keyStride, 0), 0, (<usize>size) << 2);
			memory.fill(place(dValues, t, keyStride, 0), 0, (<usize>size) << 2);
		}
	}
	for (let h = 0; h < shared; h++) {
		const column = group * shared + h * size;
		const q = place(address(job + Learn.turnedQueries), start, queryStride, column);
		const mixed = place(address(job + Learn.mixed), start, queryStride, column);
		const dMixed = place(address(job + Learn.dMixed), start, queryStride, column);
		const dQueries = place(address(job + Learn.dQueries), start, queryStride, column);
		for (let i = 0; i < tokens; i += Learn.scoreRows) {
			const end = min(tokens, i + Learn.scoreRows);
			const width = (end + 7) & ~7;
			scores(q, queryStride, i, end, room, size, p, stride, sums);
			for (let r = i; r < end; r++) softmax(place(p, r - i, stride, 0), r + 1, width, by);
			mix(p, stride, i, end, values, keyStride, size, mixed, queryStride, sums);
			if (!isBack) continue;
			scores(dMixed, queryStride, i, end, room + panels, size, d, stride, sums);
			for (let r = i; r < end; r++)
				softmaxBack(place(p, r - i, stride, 0), place(d, r - i, stride, 0), r + 1, width, by);
			mix(d, stride, i, end, keys, keyStride, size, dQueries, queryStride, sums);
			collect(d, stride, i, end, q, queryStride, size, dKeys, keyStride, sums);
			collect(p, stride, i, end, dMixed, queryStride, size, dValues, keyStride, sums);
		}
	}
}
