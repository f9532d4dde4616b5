/** @file Boards of four by four as bits, and the exact value of a position by a full search. */

/** Bit `4 · row + column` of a mask is a square. */
export interface Board {
	/** Stones of the seat that has to move. */
	readonly own: number;
	readonly other: number;
}

const size = 4;
/** Stones in a row that win. */
const inRow = 3;
export const squares = size * size;
const all = 2 ** squares - 1;

/** The row of three that begins at a square and goes on by a step; none where it would leave the board. */
function lineFrom(row: number, column: number, down: number, right: number): readonly number[] {
	const ends = [row + (inRow - 1) * down, column + (inRow - 1) * right];
	if (ends.some((end) => end < 0 || end >= size)) return [];
	let line = 0;
	for (let i = 0; i < inRow; i++) line |= 1 << (size * (row + i * down) + column + i * right);
	return [line];
}
const directions = [
	[0, 1],
	[1, 0],
	[1, 1],
	[1, -1],
] as const;
/** Masks of all rows of three, straight and slanting. */
const lines: readonly number[] = Array.from({ length: squares }, (_, square) =>
	directions.flatMap(([down, right]) =>
		lineFrom(Math.floor(square / size), square % size, down, right),
	),
).flat();

export const hasLine = (stones: number): boolean => lines.some((line) => (stones & line) === line);
export const isFull = ({ own, other }: Board): boolean => (own | other) === all;

/** The four turns and their mirror images, each as a map of squares; the first is the identity. */
export const symmetries: readonly (readonly number[])[] = Array.from({ length: 8 }, (_, which) =>
	Array.from({ length: squares }, (_square, square) => {
		let [row, column] = [Math.floor(square / size), square % size];
		if (which >= 4) [row, column] = [column, row];
		for (let turn = 0; turn < which % 4; turn++) [row, column] = [column, size - 1 - row];
		return size * row + column;
	}),
);

/** Squares on which these stones would complete a line. */
function winning(stones: number, free: number): number {
	let found = 0;
	for (const line of lines) {
		const missing = line & ~stones;
		if ((missing & (missing - 1)) === 0 && (missing & free) !== 0) found |= missing;
	}
	return found;
}

/** -1 lost, 0 drawn, 1 won for `own`, which has to move; exact within (alpha, beta). */
function search(own: number, other: number, alpha: number, beta: number): number {
	const free = all & ~(own | other);
	if (free === 0) return 0;
	if (winning(own, free) !== 0) return 1;
	const threats = winning(other, free);
	// Two threats cannot both be met, and one must be.
	if ((threats & (threats - 1)) !== 0) return -1;
	let best = -1;
	for (let rest = threats === 0 ? free : threats; rest > 0; rest &= rest - 1) {
		const value = -search(other, own | (rest & -rest), -beta, -Math.max(alpha, best));
		if (value > best) best = value;
		if (best >= beta || best === 1) break;
	}
	return best;
}

/** For who has to move: 0 lost, 1/2 drawn, 1 won if both play best. */
export const valueOf = ({ own, other }: Board): number =>
	hasLine(other) ? 0 : (search(own, other, -1, 1) + 1) / 2;
