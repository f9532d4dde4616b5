/**
 * @file Countdown: come to a target with some numbers, each of them used once. Every calculation that does is right.
 * Difficulty is how many numbers there are.
 *
 * 3, 5 and 7 come to 22 by `5 * 3 = 15`, `15 + 7 = 22`: each step takes two numbers that are at hand, given or made before,
 * and writes what they come to, a whole number from 1 to 999. The verifier carries out what is written and trusts no result;
 * words between the steps do not count, every step does.
 */
import type { Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { measured } from '../chance.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { arranged, drawOrders } from '../strings/shuffled.ts';
import { afterStep, largest, resultOf, search, signs } from './expressions.ts';
import { stepsFrom, type Sign, type Step } from './expressions.ts';

const fewest = 2;
const most = 6;
const largestGiven = 20;
/** Characters; five steps with words between them need fewer. */
const longestAnswer = 1000;

interface Problem {
	readonly numbers: readonly number[];
	readonly target: number;
}

const isWhole = (n: unknown, upTo: number): n is number =>
	typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= upTo;

/** The problem of an item; items may come from a file, so a wrong one is refused. */
function problemOf({ numbers, target }: Item): Problem {
	const given: readonly unknown[] = Array.isArray(numbers) ? numbers : [];
	const isCount = given.length >= fewest && given.length <= most;
	if (isCount && given.every((n): n is number => isWhole(n, largestGiven)))
		if (isWhole(target, largest)) return { numbers: given, target };
	throw new TypeError(
		`A problem has ${fewest} to ${most} numbers up to ${largestGiven} and a target up to ${largest}.`,
	);
}

/** Numbers, and what steps at random come to with them. */
function sample(n: number, random: Random): Item {
	for (;;) {
		const numbers = Array.from({ length: n }, () => random.integer(1, largestGiven));
		let left: readonly number[] = numbers;
		while (left.length > 1) left = afterStep(left, random.pick(stepsFrom(left))) ?? [];
		const [target = 0] = left;
		if (target > 0 && !numbers.includes(target)) return { numbers, target };
	}
}

/** Problems of two numbers, whatever their order. */
function countPairs(): number {
	let count = 0;
	for (let a = 1; a <= largestGiven; a++)
		for (let b = 1; b <= a; b++) {
			const targets = new Set(stepsFrom([a, b]).map(({ result }) => result));
			count += [...targets].filter((n) => n !== a && n !== b).length;
		}
	return count;
}
const pairs = countPairs();

const tasks = defineTasks({
	difficulty: { min: fewest, max: most },
	sample,
	space: (n) => (n === fewest ? pairs : Infinity),
	keyOf(item) {
		const { numbers, target } = problemOf(item);
		return `countdown/${numbers.toSorted((a, b) => a - b).join()}>${target}`;
	},
	difficultyOf: (item) => problemOf(item).numbers.length,
	views: (item, count, random) => {
		const drawn = drawOrders(count, random).map((order) => ({ order }));
		const shown = new Map(drawn.map((view) => [listed(item, view), view] as const).reverse());
		return [...shown.values()].reverse();
	},
});

/** The numbers as a view shows them, in words: `3, 5 and 7`. */
function listed(item: Item, view: View): string {
	const numbers = arranged(problemOf(item).numbers, view);
	return `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1) ?? ''}`;
}

const textOf = (item: Item, view: View): string =>
	`Reach ${problemOf(item).target} with the numbers ${listed(item, view)}. Use each of them once, and only + - * /. Write one step in each line, like 2 * 4 = 8; a result can be used once in a later step.`;

const written = (steps: readonly Step[]): string =>
	steps.map(({ a, sign, b, result }) => `${a} ${sign} ${b} = ${result}`).join('\n');

const oneStep =
	/(?<![\d.])([1-9]\d{0,2})\s*([-+*/x×÷])\s*([1-9]\d{0,2})\s*=\s*([1-9]\d{0,2})(?!\d|\.\d)/g;
const signOf = (sign: string): Sign =>
	signs.find((one) => one === sign) ?? (sign === '÷' ? '/' : '*');

/** The steps that a text writes down, right or not. */
const stepsOf = (text: string): readonly Step[] =>
	[...text.matchAll(oneStep)].map(([, a, sign = '', b, result]) => ({
		...{ a: Number(a), sign: signOf(sign), b: Number(b), result: Number(result) },
	}));

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		problemOf(item) satisfies Problem;
		const steps = stepsOf(completion.slice(0, longestAnswer));
		if (completion.length > longestAnswer) return { malformed: 'it is too long' };
		return steps.length > 0 ? { answer: written(steps) } : { malformed: 'it writes no step' };
	},
	write: (_item, _view, answer) => answer,
};

/** What is wrong with a calculation, and at which step; null if it is right. */
function faultOf(item: Item, answer: string): { way: string; step?: number } | null {
	const { numbers, target } = problemOf(item);
	let left = numbers;
	for (const [i, step] of stepsOf(answer).entries()) {
		const next = afterStep(left, step);
		if (!next) return { way: 'not-there', step: i + 1 };
		if (resultOf(step.a, step.sign, step.b) !== step.result)
			return { way: 'miscounts', step: i + 1 };
		left = next;
	}
	if (left.length > 1) return { way: 'leaves-over' };
	return left[0] === target ? null : { way: 'elsewhere' };
}

const reference: Reference = {
	solve(item) {
		const { numbers, target } = problemOf(item);
		const found = search(numbers, target);
		if (!found) throw new TypeError(`No calculation comes to ${target}.`);
		return written(found);
	},
	isRight: (item, answer) => faultOf(item, answer) === null,
};

const find: Faults['find'] = (item, answer) => {
	const fault = faultOf(item, answer);
	if (!fault) return null;
	const { way, step } = fault;
	return { way, ...(step !== undefined && { at: `at ${placeOf(step, 'step')}` }) };
};
const spoilt =
	(change: (step: Step, random: Random) => Step): Spoil =>
	(_item, answer, random) => {
		const steps = stepsOf(answer);
		const at = random.integer(0, steps.length - 1);
		return [written(steps.map((step, i) => (i === at ? change(step, random) : step)))];
	};
const anotherResult = spoilt((step, random) => ({
	...step,
	result: Math.max(1, step.result + random.pick([-10, -1, 1, 10])),
}));
const anotherNumber = spoilt((step) => ({ ...step, b: step.b === 19 ? 17 : 19 }));
const anotherSign = spoilt((step, random) => {
	const sign = random.pick(signs);
	return { ...step, sign, result: resultOf(step.a, sign, step.b) ?? step.result };
});
const stopEarly: Spoil = (_item, answer) => {
	const steps = stepsOf(answer);
	return steps.length > 1 ? [written(steps.slice(0, -1))] : [];
};
const faults: Faults = {
	ways: {
		'not-there': 'uses a number that is not there',
		miscounts: 'works a step out wrongly',
		'leaves-over': 'leaves a number over',
		elsewhere: 'comes to another number',
	},
	find,
	spoil: spoilBy(find, [anotherResult, anotherNumber, anotherSign, stopEarly]),
};

function parse(text: string): { item: Item } | { error: string } {
	const [left = '', right = '', ...more] = text.length > 100 ? [] : text.split('>');
	const item = {
		numbers: left
			.trim()
			.split(/\s*,\s*|\s+/)
			.map(Number),
		target: Number(right),
	};
	try {
		const { numbers, target } = problemOf(item);
		if (more.length === 0 && search(numbers, target)) return { item };
	} catch {
		// The sentence below says what a problem is.
	}
	return {
		error: `Type ${fewest} to ${most} numbers up to ${largestGiven} and a target that they can come to, like 3 5 7 > 22.`,
	};
}

export const countdown = defineEnvironment({
	name: 'countdown',
	title: 'Countdown',
	ability: 'math',
	about: 'Comes to a target with some numbers, each used once; each number more is a step harder.',
	papers: ['https://arxiv.org/abs/2404.03683', 'https://arxiv.org/abs/2503.01307'],
	knobs: {},
	create: () =>
		({
			name: 'countdown',
			tasks,
			chat: true,
			open: (item: Item, view: View) => singleMessage(textOf(item, view)),
			maxTokens: (n) => ({ prompt: 128, answer: 24 * n }),
			chance: {
				of: 'any steps that use all numbers up',
				share: measured(fewest, [0.321, 0.078, 0.023, 0.006, 0.004]),
			},
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults,
			words: {
				title: 'Countdown',
				noun: ['target', 'targets'],
				verb: 'reach',
				unit: 'numbers',
				show: (item) => `${problemOf(item).numbers.join(' ')} > ${problemOf(item).target}`,
				parse,
			},
		}) satisfies Environment,
});
