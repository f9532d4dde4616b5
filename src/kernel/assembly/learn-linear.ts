/** @file Linear module with LoRA, forward and backward, in pieces that are one thread's work items. */
import * as Learn from './layout/learn';
import { storeTile, tile, tileOfColumns, tileRows } from './learn-tile';
import { transposeFactor, widenColumns, widenRows } from './learn-widen';

/** Columns of a piece, dequantised together. */
const piece: i32 = 32;

function loadI32(at: usize): i32 {
	return load<i32>(at);
}
function loadPointer(at: usize): usize {
	return <usize>load<u32>(at);
}
/** Address of number `j` of row `i`. */
export function elementAt(table: usize, i: i32, stride: i32, j: i32): usize {
	return table + ((<usize>i * <usize>stride + <usize>j) << 2);
}

/** Number of pieces of a module's outputs, and of its inputs. */
export function outputPieces(linear: usize): i32 {
	return (loadI32(linear + Learn.linearRows) + piece - 1) / piece;
}
export function inputPieces(linear: usize): i32 {
	return (loadI32(linear + Learn.linearColumns) + piece - 1) / piece;
}

/** Piece `index` of to = x · Wᵀ + z · factorOutᵀ + from; `from` 0 adds the bias instead. */
export function outputs(
	linear: usize,
	index: i32,
	tokens: i32,
	x: usize,
	xStride: i32,
	to: usize,
	toStride: i32,
	from: usize,
	room: usize,
	sums: usize,
): void {
	const rows = loadI32(linear + Learn.linearRows);
	const columns = loadI32(linear + Learn.linearColumns);
	const rank = loadI32(linear + Learn.linearRank);
	const bias = loadPointer(linear + Learn.linearBias);
	const first = index * piece;
	const panels = (min(piece, rows - first) + 7) >> 3;
	const toRow = (<usize>toStride) << 2;
	const zRow = (<usize>rank) << 2;
	for (let k = 0; k < columns; k += Learn.depth) {
		const count = min(Learn.depth, columns - k);
		const also = k + count == columns ? rank : 0;
		const pitch = (<usize>(count + also)) << 5;
		for (let p = 0; p < panels; p++) {
			const at = room + <usize>p * pitch;
			widenRows(linear, first + 8 * p, k, count, at);
			if (also)
				transposeFactor(
					loadPointer(linear + Learn.linearOut),
					rank,
					first + 8 * p,
					at + ((<usize>count) << 5),
				);
		}
		for (let i = 0; i < tokens; i += tileRows) {
			const a = elementAt(x, i, xStride, k);
			const z = loadPointer(linear + Learn.linearZ) + <usize>i * zRow;
			for (let p = 0; p < panels; p++) {
				tile(a, (<usize>xStride) << 2, count, room + <usize>p * pitch, 32, z, zRow, also, sums);
				const y = elementAt(to, i, toStride, first + 8 * p);
				let plus = k > 0 ? y : from ? elementAt(from, i, toStride, first + 8 * p) : 0;
				let plusRow = toRow;
				if (!plus && bias) {
					plus = bias + ((<usize>(first + 8 * p)) << 2);
					plusRow = 0;
				}
				storeTile(sums, min(tileRows, tokens - i), 8, y, toRow, plus, plusRow);
			}
		}
	}
}

/** Piece `index` of to (+)= dy · W + dz · factorInᵀ. */
export function inputs(
	linear: usize,
	index: i32,
	tokens: i32,
	dy: usize,
	dyStride: i32,
	to: usize,
	toStride: i32,
	isAdded: boolean,
	room: usize,
	sums: usize,
): void {
	const rows = loadI32(linear + Learn.linearRows);
	const columns = loadI32(linear + Learn.linearColumns);
	const rank = loadI32(linear + Learn.linearRank);
	const first = index * piece;
	const panels = (min(piece, columns - first) + 7) >> 3;
	const toRow = (<usize>toStride) << 2;
	const zRow = (<usize>rank) << 2;
	for (let k = 0; k < rows; k += Learn.depth) {
		const count = min(Learn.depth, rows - k);
		const also = k + count == rows ? rank : 0;
		// Whole tiles are dequantised; the factor then overwrites the rows after the last.
		const pitch = (<usize>(((count + 7) & ~7) + also)) << 5;
		widenColumns(linear, first, k, count, room, pitch);
		if (also)
			for (let p = 0; p < panels; p++)
				transposeFactor(
					loadPointer(linear + Learn.linearIn),
					rank,
					first + 8 * p,
					room + <usize>p * pitch + ((<usize>count) << 5),
				);
		for (let i = 0; i < tokens; i += tileRows) {
			const a = elementAt(dy, i, dyStride, k);
			const z = loadPointer(linear + Learn.linearDz) + <usize>i * zRow;
			for (let p = 0; p < panels; p++) {
				tile(a, (<usize>dyStride) << 2, count, room + <usize>p * pitch, 32, z, zRow, also, sums);
				const dx = elementAt(to, i, toStride, first + 8 * p);
				storeTile(sums, min(tileRows, tokens - i), 8, dx, toRow, k > 0 || isAdded ? dx : 0, toRow);
			}
		}
	}
}

/** Rows `from` to `end` of z = x · factor for one [columns, rank]. */
function reduce(
	from: i32,
	end: i32,
	x: usize,
	xStride: i32,
	columns: i32,
	factor: usize,
	rank: i32,
	to: usize,
	sums: usize,
): void {
	const line = (<usize>rank) << 2;
	for (let i = from; i < end; i += tileRows)
		for (let r = 0; r < rank; r += 8) {
			const b = factor + ((<usize>r) << 2);
			tile(elementAt(x, i, xStride, 0), (<usize>xStride) << 2, columns, b, line, 0, 0, 0, sums);
			storeTile(sums, min(tileRows, end - i), 8, elementAt(to, i, rank, r), line, 0, 0);
		}
}

/** Rows `from` to `end` of z. */
export function reduceInput(
	linear: usize,
	from: i32,
	end: i32,
	x: usize,
	xStride: i32,
	sums: usize,
): void {
	reduce(
		from,
		end,
		x,
		xStride,
		loadI32(linear + Learn.linearColumns),
		loadPointer(linear + Learn.linearIn),
		loadI32(linear + Learn.linearRank),
		loadPointer(linear + Learn.linearZ),
		sums,
	);
}

/** Rows `from` to `end` of dz. */
export function reduceOutput(
	linear: usize,
	from: i32,
	end: i32,
	dy: usize,
	dyStride: i32,
	sums: usize,
): void {
	reduce(
		from,
		end,
		dy,
		dyStride,
		loadI32(linear + Learn.linearRows),
		loadPointer(linear + Learn.linearOut),
		loadI32(linear + Learn.linearRank),
		loadPointer(linear + Learn.linearDz),
		sums,
	);
}

/** Rows of the factors' gradients in one piece. */
const gradientRows: i32 = 96;

/** Number of pieces of the gradients of both factors. */
export function gradientPieces(linear: usize): i32 {
	if (loadI32(linear + Learn.linearRank) == 0) return 0;
	const into = (loadI32(linear + Learn.linearColumns) + gradientRows - 1) / gradientRows;
	return into + (loadI32(linear + Learn.linearRows) + gradientRows - 1) / gradientRows;
}

/** Piece `index` of gradientIn += xᵀ · dz and gradientOut += dyᵀ · z. */
export function gradients(
	linear: usize,
	index: i32,
	tokens: i32,
	x: usize,
	xStride: i32,
	dy: usize,
	dyStride: i32,
	sums: usize,
): void {
	const into = (loadI32(linear + Learn.linearColumns) + gradientRows - 1) / gradientRows;
	const isIn = index < into;
	const size = loadI32(linear + (isIn ? Learn.linearColumns : Learn.linearRows));
	const rank = loadI32(linear + Learn.linearRank);
	const line = (<usize>rank) << 2;
	const z = loadPointer(linear + (isIn ? Learn.linearDz : Learn.linearZ));
	const to = loadPointer(linear + (isIn ? Learn.linearGradientIn : Learn.linearGradientOut));
	const from = isIn ? x : dy;
	const step = (<usize>(isIn ? xStride : dyStride)) << 2;
	const first = (isIn ? index : index - into) * gradientRows;
	const end = min(size, first + gradientRows);
	for (let i = first; i < end; i += tileRows)
		for (let r = 0; r < rank; r += 8) {
			tileOfColumns(from + ((<usize>i) << 2), step, tokens, z + ((<usize>r) << 2), line, sums);
			const at = elementAt(to, i, rank, r);
			storeTile(sums, min(tileRows, end - i), 8, at, line, at, line);
		}
}
