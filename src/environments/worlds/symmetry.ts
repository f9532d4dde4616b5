/** @file The eight symmetries of a square map: mirrored in its diagonal from the fourth on, and turned by quarters. */
import type { GridMap, Move } from './map.ts';

export const symmetries = 8;

const names = ['N', 'E', 'S', 'W'] as const satisfies readonly Move[];
const mirrored: Readonly<Record<Move, Move>> = { N: 'W', W: 'N', E: 'S', S: 'E' };

const columns = (map: GridMap): GridMap =>
	map.map((_row, i) => map.map((row) => row.charAt(i)).join(''));

/** A quarter clockwise. */
const turned = (map: GridMap): GridMap => columns([...map].reverse());

export function transformed(map: GridMap, symmetry: number): GridMap {
	let result = symmetry >= names.length ? columns(map) : map;
	for (let quarter = 0; quarter < symmetry % names.length; quarter++) result = turned(result);
	return result;
}

/** The move as it is called on the transformed map, or back. */
export function transformedMove(move: Move, symmetry: number, back = false): Move {
	const quarters = symmetry % names.length;
	const turn = (from: Move, by: number): Move =>
		names[(names.indexOf(from) + by + names.length) % names.length] ?? from;
	const mirror = (from: Move): Move => (symmetry >= names.length ? mirrored[from] : from);
	return back ? mirror(turn(move, -quarters)) : turn(mirror(move), quarters);
}
