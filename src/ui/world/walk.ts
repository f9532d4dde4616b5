/** @file A walk over a grid that is seen in part, as a picture: only what its views told, in the orientation they told it. */
import type { Rollout } from '#loop/rollout/rollout.ts';
import { t } from '../language/language.svelte.ts';

export interface WalkSquare {
	readonly kind: 'wall' | 'free' | 'unseen';
	/** How often it was stood on. */
	readonly visits: number;
	readonly isStart: boolean;
	readonly isGoal: boolean;
}

export interface Walk {
	/** Rows from north to south; as far as was seen, with the goal. */
	readonly rows: readonly (readonly WalkSquare[])[];
	/** Places in [row, column], one for each view, and the last where the walk ended. */
	readonly path: readonly (readonly [row: number, column: number])[];
	readonly isThere: boolean;
	/** `8 steps, 2 of them to nowhere; it reached the goal.` */
	readonly words: string;
}

/** Compass and the eight squares around, as the environment writes a view. */
const viewPattern = /([ns])(\d)([we])(\d)([#.]{8})=$/;
const around = [-1, 0, 1].flatMap((row) =>
	[-1, 0, 1].filter((column) => row !== 0 || column !== 0).map((column) => [row, column] as const),
);
const moves: Readonly<Record<string, readonly [row: number, column: number]>> = {
	...{ N: [-1, 0], S: [1, 0], W: [0, -1], E: [0, 1] },
};

type Place = readonly [row: number, column: number];
const keyOf = (row: number, column: number): string => `${row} ${column}`;

/** Undefined if its turns are no walk. The goal is the origin while it is read. */
export function walkOf({ turns }: Pick<Rollout, 'turns'>): Walk | undefined {
	const seen = new Map<string, boolean>();
	const path: Place[] = [];
	for (const { content, sampled } of turns) {
		if (sampled) continue;
		const view = viewPattern.exec(content);
		if (!view) return undefined;
		const [, vertical, rows, horizontal, columns, squares = ''] = view;
		const row = Number(rows) * (vertical === 'n' ? 1 : -1);
		const column = Number(columns) * (horizontal === 'w' ? 1 : -1);
		path.push([row, column]);
		seen.set(keyOf(row, column), false);
		around.forEach(([down, right], i) =>
			seen.set(keyOf(row + down, column + right), squares.charAt(i) === '#'),
		);
	}
	const [last, end] = [path.at(-1), turns.at(-1)];
	if (!last || !end) return undefined;
	if (end.sampled) {
		// No view follows the last command, so that it is carried out by what was seen before it.
		const [down, right] = moves[end.content.charAt(0)] ?? [0, 0];
		const next: Place = [last[0] + down, last[1] + right];
		path.push(seen.get(keyOf(...next)) === false ? next : last);
	}
	return drawn(seen, path);
}

function drawn(seen: ReadonlyMap<string, boolean>, path: readonly Place[]): Walk {
	const known = [...seen.keys(), keyOf(0, 0)].map((key) => key.split(' ').map(Number));
	const rowsKnown = known.map(([row = 0]) => row);
	const columnsKnown = known.map(([, column = 0]) => column);
	const [top, left] = [Math.min(...rowsKnown), Math.min(...columnsKnown)];
	const [bottom, right] = [Math.max(...rowsKnown), Math.max(...columnsKnown)];
	const square = (row: number, column: number): WalkSquare => {
		const isWall = seen.get(keyOf(row, column));
		return {
			kind: isWall === undefined ? 'unseen' : isWall ? 'wall' : 'free',
			visits: path.filter(([r, c]) => r === row && c === column).length,
			isStart: path[0]?.[0] === row && path[0][1] === column,
			isGoal: row === 0 && column === 0,
		};
	};
	const isThere = path.at(-1)?.every((coordinate) => coordinate === 0) ?? false;
	const steps = t('walk.steps', { n: path.length - 1 });
	const stuck = path.filter(
		(place, i) => i > 0 && keyOf(...place) === keyOf(...(path[i - 1] ?? place)),
	);
	return {
		rows: Array.from({ length: bottom - top + 1 }, (_, r) =>
			Array.from({ length: right - left + 1 }, (_, c) => square(top + r, left + c)),
		),
		path: path.map(([row, column]) => [row - top, column - left] as const),
		isThere,
		words: t('walk.says', {
			steps: stuck.length > 0 ? t('walk.stuck', { steps, stuck: stuck.length }) : steps,
			end: t(isThere ? 'walk.there' : 'walk.notThere'),
		}),
	};
}
