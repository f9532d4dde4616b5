/**
 * @file A small world with walls, of which only the squares around are seen; difficulty is the length of the shortest way.
 *
 * `n2e3#..#.##.=`: the goal lies two rows north and three columns east, and four of the squares around are walls. The
 * model gives a command, `N$`, and the world answers with the next view, until the goal is reached or the steps are used
 * up: four more than the shortest way has. A step into a wall leads nowhere, and counts. Several commands in one reply are a
 * written plan, carried out blindly. Views turn and mirror the map. A text form of grid worlds such as MiniGrid
 * (Chevalier-Boisvert et al. 2023).
 */
import type { Random } from '#base/random.ts';
import { end } from '../alphabet.ts';
import type { AnswerFormat, Reference, Spoken } from '../answers.ts';
import { measured } from '../chance.ts';
import type { Dialogue } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import type { Scorer, Verdict } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import {
	drawMap,
	fieldOf,
	isMove,
	shortestWay,
	side,
	straightWay,
	viewFrom,
	type Field,
	type GridMap,
} from './map.ts';
import { symmetries, transformed, transformedMove } from './symmetry.ts';
import { explore, walk } from './walk.ts';

const longestWay = 12;
/** Steps beside those of the shortest way. */
const spare = 4;
/** Characters of a view with its sign, and of a command with its end mark. */
const [viewLength, commandLength] = [13, 2];

const rowPattern = new RegExp(`^[#.AB]{${side}}$`);

/** The map of an item; items may come from a file, so a wrong one is refused. */
function mapOf({ map }: Item): GridMap {
	const rows: readonly unknown[] = Array.isArray(map) ? map : [];
	const isRow = (row: unknown): row is string => typeof row === 'string' && rowPattern.test(row);
	if (rows.length === side && rows.every(isRow)) {
		const letters = rows.join('').replace(/[#.]/g, '');
		if (letters === 'AB' || letters === 'BA') return rows;
	}
	throw new TypeError(`A map has ${side} rows of ${side} squares, one start and one goal.`);
}

function wayOf(item: Item): string {
	const way = shortestWay(mapOf(item));
	if (way !== null && way.length <= longestWay) return way;
	throw new TypeError('There is no way to the goal, or none that is short enough.');
}

const stepsFor = (item: Item): number => wayOf(item).length + spare;

function symmetryOf({ symmetry }: View): number {
	if (
		typeof symmetry === 'number' &&
		Number.isInteger(symmetry) &&
		symmetry >= 0 &&
		symmetry < symmetries
	)
		return symmetry;
	throw new TypeError(`The view's symmetry must be a whole number from 0 to ${symmetries - 1}.`);
}

const fieldIn = (item: Item, view: View): Field =>
	fieldOf(transformed(mapOf(item), symmetryOf(view)));

const all = Array.from({ length: symmetries }, (_, symmetry) => symmetry);

/** A map whose explorer reaches the goal in time, however it is turned. */
function sample(n: number, random: Random): Item {
	for (let attempt = 0; attempt < 20_000; attempt++) {
		const map = drawMap(n, random);
		const ends = (symmetry: number): boolean => {
			const turned = fieldOf(transformed(map ?? [], symmetry));
			return walk(turned, explore(turned, n + spare)).isThere;
		};
		if (map && all.every(ends)) return { map: [...map] };
	}
	throw new RangeError(`No map with a way of ${n} steps was found; choose another difficulty.`);
}

const tasks = defineTasks({
	difficulty: { min: 1, max: longestWay },
	sample,
	keyOf(item) {
		const map = mapOf(item);
		const [first] = all.map((symmetry) => transformed(map, symmetry).join('/')).sort();
		return `grid/${first ?? ''}`;
	},
	difficultyOf: (item) => wayOf(item).length,
	// Straight ways follow the compass; a detour leads away from the goal at times and has to be explored.
	kindOf: (item) => (wayOf(item).length > straightWay(mapOf(item)) ? 'detour' : 'straight'),
	views: (_item, count, random) =>
		[0, ...random.shuffle(all.slice(1))].slice(0, count).map((symmetry) => ({ symmetry })),
});

/** A reply without a command is one that was lost. */
const commandsIn = (reply: string): string => reply.replace(end, '') || '?';

function open(item: Item, view: View): Dialogue {
	const field = fieldIn(item, view);
	const most = stepsFor(item);
	const seen = (commands: string): string => `${viewFrom(field, walk(field, commands).at)}=`;
	let text = seen('');
	let commands = '';
	return {
		first: () => seen(''),
		next: ({ content }) => {
			commands += commandsIn(content);
			if (walk(field, commands.slice(0, most)).isThere || commands.length >= most)
				return Promise.resolve(null);
			text += content + seen(commands);
			return Promise.resolve(text);
		},
	};
}

/** Step by step as the explorer goes, who sees no more than the model does. */
function conversation(item: Item, view: View): readonly Spoken[] {
	const field = fieldIn(item, view);
	const commands = explore(field, stepsFor(item));
	return Array.from(commands).flatMap((command, i): readonly Spoken[] => {
		const said: Spoken = { by: 'model', content: command + end, learnt: true };
		if (i === commands.length - 1) return [said];
		const { at } = walk(field, commands.slice(0, i + 1));
		return [said, { by: 'environment', content: `${viewFrom(field, at)}=`, learnt: false }];
	});
}

const inView = (answer: string, view: View, back: boolean): string =>
	Array.from(answer, (move) =>
		isMove(move) ? transformedMove(move, symmetryOf(view), back) : move,
	).join('');

const answers = {
	endMark: end,
	read(item, view, text) {
		mapOf(item) satisfies GridMap;
		const [, commands] = /^([NESW?]{0,63}[NESW])\$$/.exec(text) ?? [];
		return commands === undefined
			? { malformed: 'it is no command to go N, E, S or W' }
			: { answer: inView(commands, view, true) };
	},
	write: (_item, view, answer) => inView(answer, view, false) + end,
	join: (replies) => [...replies.slice(0, -1).map(commandsIn), replies.at(-1) ?? ''].join(''),
} satisfies AnswerFormat;

const reference = {
	solve: wayOf,
	isRight: (item, answer) => walk(fieldOf(mapOf(item)), answer.slice(0, stepsFor(item))).isThere,
	conversation,
} satisfies Reference;

/** The whole walk counts: the commands of all replies, one after the other. */
const score: Scorer = async ({ item, view, completion, turns = [] }, tools) => {
	tools?.signal.throwIfAborted();
	const rewarded = (value: number, verdict: Verdict) => ({
		verdict,
		rewards: { reached: { value, weight: 1 } },
	});
	try {
		const replies = turns.filter(({ role }) => role === 'assistant').map(({ content }) => content);
		const read = answers.read(
			item,
			view,
			answers.join(replies.length > 0 ? replies : [completion]),
		);
		const expected = wayOf(item);
		if ('malformed' in read) return rewarded(0, { kind: 'malformed', reason: read.malformed });
		return reference.isRight(item, read.answer)
			? rewarded(1, { kind: 'correct' })
			: rewarded(0, { kind: 'wrong', expected });
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return { verdict: { kind: 'unjudged', reason }, rewards: { reached: { unjudged: reason } } };
	}
};

function parse(text: string): { item: Item } | { error: string } {
	const error = `Type a map of ${side} rows of ${side} squares with / between them: # is a wall, A the start, B the goal, and all else are dots`;
	const item = { map: text.length > 200 ? [] : text.trim().split('/') };
	try {
		wayOf(item) satisfies string;
		return { item };
	} catch {
		return { error: `${error}.` };
	}
}

export const grid = defineEnvironment({
	name: 'grid',
	title: 'Grid',
	ability: 'embodied',
	about:
		'Walks to a goal between walls, one command at a time, and sees only the squares around; each step more is harder.',
	papers: ['https://arxiv.org/abs/2306.13831', 'https://arxiv.org/abs/1810.08272'],
	knobs: {},
	create: () =>
		({
			name: 'grid',
			tasks,
			open,
			maxTokens: (n) => ({
				prompt: viewLength + (n + spare) * (viewLength + commandLength),
				answer: n + spare + 1,
			}),
			chance: {
				of: 'any step each time',
				share: measured(1, [0.497, 0.251, 0.11, 0.058, 0.023, 0.014, 0.005, 0.002, 0.001]),
			},
			score,
			answers,
			reference,
			words: {
				title: 'Grid',
				noun: ['walk', 'walks'],
				verb: 'walk',
				unit: 'steps',
				notation:
					'First where the goal lies: n2e3 is two rows to the north and three to the east. Then the eight squares around, row by row: # is a wall. N, E, S and W are steps.',
				show: (item) => mapOf(item).join('/'),
				parse,
			},
		}) satisfies Environment,
});
