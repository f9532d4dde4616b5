/** @file Maps of the grid world: squares, steps, shortest ways, and what is seen from a square. */
import type { Random } from '#base/random.ts';

/** Rows of squares, as long as there are rows: `#` wall, `.` free, `A` start, `B` goal. */
export type GridMap = readonly string[];

export const side = 6;

/** Squares are numbered row by row, with a border of walls. */
const width = side + 2;
const squares = width * width;

/** A map as the simulator reads it. */
export interface Field {
	/** 1 for each numbered square that is a wall. */
	readonly walls: Uint8Array;
	readonly start: number;
	readonly goal: number;
}

/** What each command adds to the number of a square; in this order where several are as good. */
export const moves = { N: -width, E: 1, S: width, W: -1 } as const;
export type Move = keyof typeof moves;
const moveNames = Object.keys(moves) as readonly Move[];
const steps = Object.values(moves);

export const isMove = (letter: string): letter is Move => Object.hasOwn(moves, letter);

/** Number of the square in this row and column, from 0. */
const at = (row: number, column: number): number => (row + 1) * width + column + 1;

/** Walls around a map that is otherwise free. */
export function border(): Uint8Array {
	const walls = new Uint8Array(squares).fill(1);
	for (let row = 0; row < side; row++) walls.fill(0, at(row, 0), at(row, side));
	return walls;
}

/** Throws a TypeError if the map has no start or no goal. */
export function fieldOf(map: GridMap): Field {
	const walls = border();
	let [start, goal] = [0, 0];
	for (const [r, row] of map.entries())
		for (let c = 0; c < row.length; c++) {
			const square = row[c];
			if (square === '#') walls[at(r, c)] = 1;
			else if (square === 'A') start = at(r, c);
			else if (square === 'B') goal = at(r, c);
		}
	if (start === 0 || goal === 0) throw new TypeError('A map needs a start and a goal.');
	return { walls, start, goal };
}

/** One step; a wall leaves the walker standing. */
export const stepFrom = ({ walls }: Pick<Field, 'walls'>, place: number, move: Move): number =>
	walls[place + moves[move]] === 0 ? place + moves[move] : place;

/** No way leads from there. */
const unreached = 127;

/** Steps from each square to `goal` by breadth-first search. */
export function distancesTo(goal: number, walls: Uint8Array): Uint8Array {
	const distances = new Uint8Array(squares).fill(unreached);
	distances[goal] = 0;
	const queue = [goal];
	for (const place of queue)
		for (const step of steps) {
			const next = place + step;
			if (walls[next] !== 0 || distances[next] !== unreached) continue;
			distances[next] = (distances[place] ?? 0) + 1;
			queue.push(next);
		}
	return distances;
}

/** The first move down the distances; null if none leads there. */
export function bestMove(place: number, distances: Uint8Array): Move | null {
	let best: Move | null = null;
	let least = unreached;
	for (const move of moveNames) {
		const far = distances[place + moves[move]] ?? unreached;
		if (far < least) [best, least] = [move, far];
	}
	return best;
}

/** A shortest way from start to goal, with the whole map known; null if there is none. */
export function shortestWay(map: GridMap): string | null {
	const { walls, start, goal } = fieldOf(map);
	const distances = distancesTo(goal, walls);
	if (distances[start] === unreached) return null;
	let [place, way] = [start, ''];
	while (place !== goal) {
		const move = bestMove(place, distances) ?? 'N';
		place += moves[move];
		way += move;
	}
	return way;
}

/** Steps from start to goal if there were no walls. */
export function straightWay(map: GridMap): number {
	const { start, goal } = fieldOf(map);
	const rows = Math.floor(goal / width) - Math.floor(start / width);
	return Math.abs(rows) + Math.abs((goal % width) - (start % width));
}

/** What leads to the eight squares around, row by row from the north-west. */
export const around = [-width - 1, -width, 1 - width, -1, 1, width - 1, width, width + 1] as const;

/**
 * How far the goal lies, and the eight squares around: `n2e3#..#.##.` is two rows north and three columns east. Four and
 * eight characters, always.
 */
export function viewFrom({ walls, goal }: Pick<Field, 'walls' | 'goal'>, place: number): string {
	const down = Math.floor(goal / width) - Math.floor(place / width);
	const right = (goal % width) - (place % width);
	const compass = `${down < 0 ? 'n' : 's'}${Math.abs(down)}${right < 0 ? 'w' : 'e'}${Math.abs(right)}`;
	return compass + around.map((step) => (walls[place + step] === 0 ? '.' : '#')).join('');
}

/** Walls in a quarter of the squares, a start, and a goal `n` steps away; null if this draw has none. */
export function drawMap(n: number, random: Random): GridMap | null {
	const walls = border();
	const inside = [...walls.keys()].filter((place) => walls[place] === 0);
	for (const place of inside) walls[place] = Number(random.integer(1, 4) === 1);
	const goal = random.pick(inside);
	walls[goal] = 0;
	const distances = distancesTo(goal, walls);
	const starts = inside.filter((place) => distances[place] === n);
	if (starts.length === 0) return null;
	const start = random.pick(starts);
	const drawn = (place: number): string =>
		place === goal ? 'B' : place === start ? 'A' : walls[place] === 0 ? '.' : '#';
	return Array.from({ length: side }, (_row, r) =>
		Array.from({ length: side }, (_column, c) => drawn(at(r, c))).join(''),
	);
}
