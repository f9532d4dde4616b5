/**
 * @file Blocks world: a plan of moves that turns one arrangement of towers into another. It is carried out to judge it:
 * every plan that can be, reaches the goal and is no longer than taking all down and building anew is right. Difficulty
 * is the number of blocks.
 *
 * `ab c>bca=` → `b-cbac$`: towers are named from the table up, and each move is a block and what it is put onto (`-` is
 * the table). Views rename the blocks.
 */
import { end } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { measured } from '../chance.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { drawShifts, rotated, shiftOf } from '../strings/rotation.ts';
import { blocksOf, carryOut, countProblems, drawProblem, keyOfState, planFor } from './towers.ts';
import { fewestBlocks, mostBlocks, readState, table, type Move, type State } from './towers.ts';

interface Problem {
	readonly start: State;
	readonly goal: State;
}

/** A problem out of text such as `ab c>bca`; undefined if it is none. */
function readProblem(text: string): Problem | undefined {
	const [start, goal, ...more] = text.split('>').map(readState);
	const isRight =
		start &&
		goal &&
		more.length === 0 &&
		blocksOf(start) === blocksOf(goal) &&
		keyOfState(start) !== keyOfState(goal);
	return isRight ? { start, goal } : undefined;
}

/** The towers of an item; items may come from a file, so wrong ones are refused. */
function problemOf({ towers }: Item): Problem {
	const problem = typeof towers === 'string' ? readProblem(towers) : undefined;
	if (!problem)
		throw new TypeError(
			`Towers must be two arrangements of ${fewestBlocks} to ${mostBlocks} blocks.`,
		);
	return problem;
}

const textOf = ({ start, goal }: Problem): string => `${start.join(' ')}>${goal.join(' ')}`;

const tasks = defineTasks({
	difficulty: { min: fewestBlocks, max: mostBlocks },
	sample: (n, random) => ({ towers: textOf(drawProblem(n, random)) }),
	space: countProblems,
	keyOf(item) {
		const { start, goal } = problemOf(item);
		return `blocks/${keyOfState(start)}>${keyOfState(goal)}`;
	},
	difficultyOf: (item) => blocksOf(problemOf(item).start).length,
	views: (_item, count, random) => drawShifts(count, random).map((shift) => ({ shift })),
});

const written = (plan: readonly Move[]): string =>
	plan.map(({ block, onto }) => block + onto).join('');
const movesOf = (plan: string): readonly Move[] =>
	(plan.match(/../g) ?? []).map((move) => ({ block: move.charAt(0), onto: move.charAt(1) }));

const answers: AnswerFormat = {
	endMark: end,
	read(item, view, completion) {
		problemOf(item);
		const plan = /^(?:[a-z][a-z-])+(?=\$$)/.exec(completion)?.[0];
		if (plan === undefined) return { malformed: 'it is not a row of moves with an end mark' };
		if (plan.length > 4 * mostBlocks) return { malformed: 'more moves than any plan needs' };
		return { answer: rotated(plan, -shiftOf(view)) };
	},
	write: (_item, view, answer) => rotated(answer, shiftOf(view)) + end,
};

function solve(item: Item): string {
	const { start, goal } = problemOf(item);
	return written(planFor(start, goal));
}

/** What is wrong with a plan, and at which move; null if it is right. */
function faultOf(item: Item, answer: string): { way: string; move?: number } | null {
	const { start, goal } = problemOf(item);
	const plan = movesOf(answer);
	const after = carryOut(start, plan);
	if ('stuck' in after) return { way: 'impossible', move: after.stuck };
	if (keyOfState(after) !== keyOfState(goal)) return { way: 'elsewhere' };
	return plan.length > planFor(start, goal).length ? { way: 'detour' } : null;
}

const reference: Reference = { solve, isRight: (item, answer) => faultOf(item, answer) === null };

const find: Faults['find'] = (item, answer) => {
	const fault = faultOf(item, answer);
	if (!fault) return null;
	const { way, move } = fault;
	return { way, ...(move !== undefined && { at: `at ${placeOf(move, 'move')}` }) };
};
const spoilt =
	(change: (moves: readonly string[], at: number) => readonly string[]): Spoil =>
	(_item, answer, random) => {
		const moves = answer.match(/../g) ?? [];
		return [change(moves, random.integer(0, Math.max(0, moves.length - 1))).join('')];
	};
const leaveOut = spoilt((moves, at) => moves.filter((_move, i) => i !== at));
const stopEarly = spoilt((moves) => moves.slice(0, -1));
const upAndDown = spoilt((moves) => {
	const last = moves.at(-1) ?? '';
	return [...moves.slice(0, -1), ...(last === '' ? [] : [last, `${last.charAt(0)}${table}`, last])];
});
const faults: Faults = {
	ways: {
		impossible: 'makes a move that cannot be made',
		elsewhere: 'ends in another arrangement',
		detour: 'makes more moves than it needs',
	},
	find,
	spoil: spoilBy(find, [leaveOut, stopEarly, upAndDown]),
};

const promptOf = (item: Item, view: View): string =>
	`${rotated(textOf(problemOf(item)), shiftOf(view))}=`;

function parse(text: string): { item: Item } | { error: string } {
	const problem =
		text.length > 200
			? undefined
			: readProblem(text.trim().toLowerCase().replace(/\s+/g, ' ').replace(/ ?> ?/, '>'));
	return problem
		? { item: { towers: textOf(problem) } }
		: { error: 'Type towers from the table up, now and as they should be, like ab c > bca.' };
}

export const blocks = defineEnvironment({
	name: 'blocks',
	title: 'Blocks',
	ability: 'planning',
	about: 'Plans moves that turn towers of blocks into others; each block more is a step harder.',
	papers: ['https://arxiv.org/abs/2206.10498', 'https://arxiv.org/abs/2305.15771'],
	knobs: {},
	create: () =>
		({
			name: 'blocks',
			tasks,
			open: (item, view) => singleTurn(promptOf(item, view)),
			maxTokens: (n) => ({ prompt: 4 * n, answer: 4 * n }),
			chance: {
				of: 'any moves that can be made, until the goal is there',
				share: measured(fewestBlocks, [0.485, 0.037, 0.028, 0.007]),
			},
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults,
			words: {
				title: 'Blocks',
				noun: ['pile', 'piles'],
				verb: 'restack',
				unit: 'blocks',
				notation:
					'Each tower is written from the table up; the goal stands after >. A move is a block and what it is put onto; - is the table.',
				show: (item) => textOf(problemOf(item)).replace('>', ' > '),
				parse,
			},
		}) satisfies Environment,
});
