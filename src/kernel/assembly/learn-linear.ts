/** @file A linear module with its LoRA, there and back, in pieces that threads take; a piece is the work of one thread. */
import * as Learn from './layout/learn';
import { put, tile, tileOfColumns, tileRows } from './learn-tile';
import { turnFactor, widenColumns, widenRows } from './learn-widen';

/** Columns of a piece, which are widened together. */
const piece: i32 = 32;

function whole(at: usize): i32 {
	return load<i32>(at);
}
function address(at: usize): usize {
	return <usize>load<u32>(at);
}
/** Number `j` of row `i`. */
export function place(table: usize, i: i32, stride: i32, j: i32): usize {
	return table + ((<usize>i * <usize>stride + <usize>j) << 2);
}

/** Pieces of a module's outputs, and of its inputs. */
export function outputPieces(linear: usize): i32 {
	return (whole(linear + Learn.linearRows) + piece - 1) / piece;
}
export function inputPieces(linear: usize): i32 {
	return (whole(linear + Learn.linearColumns) + piece - 1) / piece;
}

/** Piece `index` of to = x · Wᵀ + z · factorOutᵀ + from; `from` 0 stands for the bias. */
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
	const rows = whole(linear + Learn.linearRows);
	const columns = whole(linear + Learn.linearColumns);
	const rank = whole(linear + Learn.linearRank);
	const bias = address(linear + Learn.linearBias);
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
				turnFactor(
					address(linear + Learn.linearOut),
					rank,
					first + 8 * p,
					at + ((<usize>count) << 5),
				);
		}
		for (let i = 0; i < tokens; i += tileRows) {
			const a = place(x, i, xStride, k);
			const z = address(linear + Learn.linearZ) + <usize>i * zRow;
			for (let p = 0; p < panels; p++) {
				tile(a, (<usize>xStride) << 2, count, room + <usize>p * pitch, 32, z, zRow, also, sums);
				const y = place(to, i, toStride, first + 8 * p);
				let plus = k > 0 ? y : from ? place(from, i, toStride, first + 8 * p) : 0;
				let plusRow = toRow;
				if (!plus && bias) {
					plus = bias + ((<usize>(first + 8 * p)) << 2);
					plusRow = 0;
				}
				put(sums, min(tileRows, tokens - i), 8, y, toRow, plus, plusRow);
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
	const rows = whole(linear + Learn.linearRows);
	const columns = whole(linear + Learn.linearColumns);
	const rank = whole(linear + Learn.linearRank);
	const first = index * piece;
	const panels = (min(piece, columns - first) + 7) >> 3;
	const toRow = (<usize>toStride) << 2;
	const zRow = (<usize>rank) << 2;
	for (let k = 0; k < rows; k += Learn.depth) {
		const count = min(Learn.depth, rows - k);
		const also = k + count == rows ? rank : 0;
		// Whole tiles are widened: what is behind the last row is written over by the factor.
		const pitch = (<usize>(((count + 7) & ~7) + also)) << 5;
		widenColumns(linear, first, k, count, room, pitch);
		if (also)
			for (let p = 0; p < panels; p++)
				turnFactor(
					address(linear + Learn.linearIn),
					rank,
					first + 8 * p,
					room + <usize>p * pitch + ((<usize>count) << 5),
				);
		for (let i = 0; i < tokens; i += tileRows) {
			const a = place(dy, i, dyStride, k);
			const z = address(linear + Learn.linearDz) + <usize>i * zRow;
			for (let p = 0; p < panels; p++) {
				tile(a, (<usize>dyStride) << 2, count, room + <usize>p * pitch, 32, z, zRow, also, sums);
				const dx = place(to, i, toStride, first + 8 * p);
				put(sums, min(tileRows, tokens - i), 8, dx, toRow, k > 0 || isAdded ? dx : 0, toRow);
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
			tile(place(x, i, xStride, 0), (<usize>xStride) << 2, columns, b, line, 0, 0, 0, sums);
			put(sums, min(tileRows, end - i), 8, place(to, i, rank, r), line, 0, 0);
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
		whole(linear + Learn.linearColumns),
		address(linear + Learn.linearIn),
		whole(linear + Learn.linearRank),
		address(linear + Learn.linearZ),
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
		whole(linear + Learn.linearRows),
		address(linear + Learn.linearOut),
		whole(linear + Learn.linearRank),
		address(linear + Learn.linearDz),
		sums,
	);
}

/** Rows of the factors' gradients that are a piece. */
const gradientRows: i32 = 96;

/** Pieces of the gradients of both factors. */
export function gradientPieces(linear: usize): i32 {
	if (whole(linear + Learn.linearRank) == 0) return 0;
	const into = (whole(linear + Learn.linearColumns) + gradientRows - 1) / gradientRows;
	return into + (whole(linear + Learn.linearRows) + gradientRows - 1) / gradientRows;
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
	const into = (whole(linear + Learn.linearColumns) + gradientRows - 1) / gradientRows;
	const isIn = index < into;
	const size = whole(linear + (isIn ? Learn.linearColumns : Learn.linearRows));
	const rank = whole(linear + Learn.linearRank);
	const line = (<usize>rank) << 2;
	const z = address(linear + (isIn ? Learn.linearDz : Learn.linearZ));
	const to = address(linear + (isIn ? Learn.linearGradientIn : Learn.linearGradientOut));
	const from = isIn ? x : dy;
	const step = (<usize>(isIn ? xStride : dyStride)) << 2;
	const first = (isIn ? index : index - into) * gradientRows;
	const end = min(size, first + gradientRows);
	for (let i = first; i < end; i += tileRows)
		for (let r = 0; r < rank; r += 8) {
			tileOfColumns(from + ((<usize>i) << 2), step, tokens, z + ((<usize>r) << 2), line, sums);
			const at = place(to, i, rank, r);
			put(sums, min(tileRows, end - i), 8, at, line, at, line);
		}
}
