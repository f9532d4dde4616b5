/**
 * @file Causal attention of one sequence and one group of heads that share keys and values, forward and backward. Scores
 * are materialised a few rows at a time and recomputed in the backward pass.
 */
import * as Learn from './layout/learn';
import { elementAt } from './learn-linear';
import { storeTile, tile, tileOfColumns, tileRows } from './learn-tile';
import { sum } from './dot';
import { exp } from './vectors';

function loadI32(at: usize): i32 {
	return load<i32>(at);
}
function loadPointer(at: usize): usize {
	return <usize>load<u32>(at);
}

/** [tokens / 8] panels of [size, 8]: rows transposed, as the right operand of a product. */
function transposeRows(from: usize, stride: i32, tokens: i32, size: i32, to: usize): void {
	for (let t = 0; t < tokens; t += 8)
		for (let s = 0; s < size; s++, to += 32)
			for (let j = 0; j < 8; j++)
				store<f32>(
					to + ((<usize>j) << 2),
					t + j < tokens ? load<f32>(elementAt(from, t + j, stride, s)) : 0,
				);
}

/** Rows `first` to `end` of left · rightᵀ under the causal mask. */
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
			tile(elementAt(left, i, stride, 0), (<usize>stride) << 2, size, b, 32, 0, 0, 0, sums);
			storeTile(sums, rows, 8, elementAt(to, i - first, toStride, t), (<usize>toStride) << 2, 0, 0);
		}
	}
}

/** softmax(row · by) over the first `seen` numbers; zeros after them up to `width`, a multiple of 4. */
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
	// Masked columns weigh e^-87 at most, but must not count at all.
	let total = sum(totals);
	for (let t = seen; t < width; t++) {
		if ((<usize>t) << 2 < used) total -= load<f32>(row + ((<usize>t) << 2));
		store<f32>(row + ((<usize>t) << 2), 0);
	}
	const inverse = f32x4.splat(<f32>1 / total);
	for (let i: usize = 0; i < used; i += 16)
		v128.store(row + i, f32x4.mul(v128.load(row + i), inverse));
}

/** Softmax backward, in place of dP: P · (dP − Σ P · dP) · by, zeros after the first `seen`. */
function softmaxBackward(p: usize, d: usize, seen: i32, width: i32, by: f32): void {
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
function multiplyRows(
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
		const a = elementAt(p, i - first, pStride, 0);
		for (let s = 0; s < size; s += 8) {
			const b = right + ((<usize>s) << 2);
			tile(a, (<usize>pStride) << 2, i + rows, b, step, 0, 0, 0, sums);
			storeTile(sums, rows, size - s, elementAt(to, i, toStride, s), (<usize>toStride) << 2, 0, 0);
		}
	}
}

/** to [end, size] += Pᵀ · left for the rows `first` to `end`. */
function multiplyColumns(
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
			const b = elementAt(left, first, leftStride, s);
			tileOfColumns(p + ((<usize>t) << 2), step, end - first, b, (<usize>leftStride) << 2, sums);
			const at = elementAt(to, t, toStride, s);
			storeTile(sums, min(tileRows, end - t), size - s, at, line, at, line);
		}
}

/** Rows of one group: to [count, size] = those from `first` on of a table with `stride`, or back. */
function copyRows(
	table: usize,
	first: i32,
	count: i32,
	stride: i32,
	column: i32,
	size: i32,
	rows: usize,
	isBack: boolean,
): void {
	const bytes = (<usize>size) << 2;
	for (let i = 0; i < count; i++, rows += bytes) {
		const at = elementAt(table, first + i, stride, column);
		if (isBack) memory.copy(at, rows, bytes);
		else memory.copy(rows, at, bytes);
	}
}

/**
 * Work item `index` of sequences · groups: `mixed`, and with `isBack` the gradients of rotated queries, rotated keys and
 * values; those of a shared prefix are left for `foldPrefix`.
 */
export function attendGroup(
	job: usize,
	index: i32,
	isBack: boolean,
	room: usize,
	sums: usize,
): void {
	const groups = loadI32(job + Learn.keyValueHeads);
	const shared = loadI32(job + Learn.heads) / groups;
	const size = loadI32(job + Learn.headSize);
	const queryStride = loadI32(job + Learn.queryStride);
	const keyStride = loadI32(job + Learn.keyStride);
	const stride = loadI32(job + Learn.scoresStride);
	const sequence =
		loadPointer(job + Learn.sequenceTable) + <usize>(index / groups) * Learn.sequenceBytes;
	const group = (index % groups) * size;
	const start = loadI32(sequence + Learn.sequenceStart);
	const own = loadI32(sequence + Learn.sequenceTokens);
	const before = loadI32(sequence + Learn.prefixTokens);
	const prefix = loadI32(sequence + Learn.prefixStart);
	const tokens = before + own;
	const table = (<usize>(stride * size)) << 2;
	const p = room + 2 * table;
	const d = p + ((<usize>((Learn.scoreRows + tileRows) * stride)) << 2);
	const keys = d + ((<usize>((Learn.scoreRows + tileRows) * stride)) << 2);
	const values = keys + table;
	const dKeys = values + table;
	const dValues = dKeys + table;
	const by = <f32>1 / sqrt<f32>(<f32>size);
	const ownAt = (<usize>(before * size)) << 2;
	const allKeys = loadPointer(job + Learn.rotatedKeys);
	const allValues = loadPointer(job + Learn.values);
	copyRows(allKeys, prefix, before, keyStride, group, size, keys, false);
	copyRows(allKeys, start, own, keyStride, group, size, keys + ownAt, false);
	copyRows(allValues, prefix, before, keyStride, group, size, values, false);
	copyRows(allValues, start, own, keyStride, group, size, values + ownAt, false);
	transposeRows(keys, size, tokens, size, room);
	if (isBack) {
		transposeRows(values, size, tokens, size, room + table);
		memory.fill(dKeys, 0, 2 * table);
	}
	// Rows of the queries count from the prefix on, which has its own elsewhere.
	const base = start - before;
	for (let h = 0; h < shared; h++) {
		const column = group * shared + h * size;
		const q = elementAt(loadPointer(job + Learn.rotatedQueries), base, queryStride, column);
		const mixed = elementAt(loadPointer(job + Learn.mixed), base, queryStride, column);
		const dMixed = elementAt(loadPointer(job + Learn.dMixed), base, queryStride, column);
		const dQueries = elementAt(loadPointer(job + Learn.dQueries), base, queryStride, column);
		for (let i = before; i < tokens; i += Learn.scoreRows) {
			const end = min(tokens, i + Learn.scoreRows);
			const width = (end + 7) & ~7;
			scores(q, queryStride, i, end, room, size, p, stride, sums);
			for (let r = i; r < end; r++) softmax(elementAt(p, r - i, stride, 0), r + 1, width, by);
			multiplyRows(p, stride, i, end, values, size, size, mixed, queryStride, sums);
			if (!isBack) continue;
			scores(dMixed, queryStride, i, end, room + table, size, d, stride, sums);
			for (let r = i; r < end; r++)
				softmaxBackward(
					elementAt(p, r - i, stride, 0),
					elementAt(d, r - i, stride, 0),
					r + 1,
					width,
					by,
				);
			multiplyRows(d, stride, i, end, keys, size, size, dQueries, queryStride, sums);
			multiplyColumns(d, stride, i, end, q, queryStride, size, dKeys, size, sums);
			multiplyColumns(p, stride, i, end, dMixed, queryStride, size, dValues, size, sums);
		}
	}
	if (!isBack) return;
	const allDKeys = loadPointer(job + Learn.dKeys);
	const allDValues = loadPointer(job + Learn.dValues);
	const aside = loadI32(sequence + Learn.prefixGradients);
	copyRows(allDKeys, start, own, keyStride, group, size, dKeys + ownAt, true);
	copyRows(allDKeys, aside, before, keyStride, group, size, dKeys, true);
	copyRows(allDValues, start, own, keyStride, group, size, dValues + ownAt, true);
	copyRows(allDValues, aside, before, keyStride, group, size, dValues, true);
}

/** Adds to the gradients by key and value of token row `i` what sequences left that continue it, in their order. */
export function foldPrefix(job: usize, i: i32): void {
	const stride = loadI32(job + Learn.keyStride);
	const bytes = (<usize>stride) << 2;
	let sequence = loadPointer(job + Learn.sequenceTable);
	for (let s = loadI32(job + Learn.sequences); s > 0; s--, sequence += Learn.sequenceBytes) {
		const row = i - loadI32(sequence + Learn.prefixStart);
		if (row < 0 || row >= loadI32(sequence + Learn.prefixTokens)) continue;
		const aside = loadI32(sequence + Learn.prefixGradients) + row;
		for (let table = Learn.dKeys; ; table = Learn.dValues) {
			const to = elementAt(loadPointer(job + table), i, stride, 0);
			const from = elementAt(loadPointer(job + table), aside, stride, 0);
			for (let at: usize = 0; at < bytes; at += 16)
				v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
			if (table == Learn.dValues) break;
		}
	}
}
