/**
 * @file JavaScript functions: what a function must do is told in English, and tests say whether it does. Difficulty is the
 * number of operations.
 *
 * `function solve(numbers) { return numbers.map((n) => n * 2).length; }` is run in a sandbox with lists that the task does
 * not show. A function is right if every result is; one that throws, never ends or fills the memory is wrong. Only where
 * the sandbox itself fails, or there is none, nothing is known: unjudged.
 */
import { hash32, random as stream, type Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item } from '../item.ts';
import type { Score, Scorer, Verdict } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { endings, operations } from './function-words.ts';
import type { Ran } from './sandbox.ts';

const mostSteps = 5;
/** Lists that a function is called with, beside the empty one. */
const hiddenTests = 11;
const longestList = 8;
const longestAnswer = 4000;
/** Name of the function. */
const name = 'solve';

interface Task {
	readonly steps: readonly string[];
	/** Absent if a list is returned. */
	readonly ending?: string;
}

/** The task of an item; items may come from a file, so a wrong one is refused. */
function taskOf({ steps }: Item): Task {
	const named: readonly unknown[] = Array.isArray(steps) ? steps : [];
	const last = named.at(-1);
	const ending = typeof last === 'string' && Object.hasOwn(endings, last) ? last : undefined;
	const list = ending === undefined ? named : named.slice(0, -1);
	const isKnown = (one: unknown): one is string =>
		typeof one === 'string' && Object.hasOwn(operations, one);
	if (named.length >= 1 && named.length <= mostSteps && list.every(isKnown))
		return { steps: list, ...(ending !== undefined && { ending }) };
	throw new TypeError(`A function has 1 to ${mostSteps} operations that are known.`);
}

const listNames = Object.keys(operations);
const lastNames = [...listNames, ...Object.keys(endings)];

/** No operation twice in a row: some would change nothing. */
function sample(n: number, random: Random): Item {
	const steps: string[] = [];
	while (steps.length < n) {
		const step = random.pick(steps.length === n - 1 ? lastNames : listNames);
		if (step !== steps.at(-1)) steps.push(step);
	}
	return { steps };
}

const keyOf = (item: Item): string => {
	const { steps, ending = '' } = taskOf(item);
	return `functions/${steps.join(',')}/${ending}`;
};

const tasks = defineTasks({
	difficulty: { min: 1, max: mostSteps },
	sample,
	space: (n) =>
		n === 1
			? lastNames.length
			: listNames.length * (listNames.length - 1) ** (n - 2) * (lastNames.length - 1),
	keyOf,
	difficultyOf(item) {
		const { steps, ending } = taskOf(item);
		return steps.length + Number(ending !== undefined);
	},
});

function apply(item: Item, numbers: readonly number[]): number | readonly number[] {
	const { steps, ending } = taskOf(item);
	const list = steps.reduce((now, step) => operations[step]?.of(now) ?? now, numbers);
	return ending === undefined ? list : (endings[ending]?.of(list) ?? 0);
}

const drawList = (random: Random, length: number): readonly number[] =>
	Array.from({ length }, () => random.integer(-9, 9));

/** The lists of an item, the same for the same item: one that the task shows, then those that it does not. */
function testsOf(item: Item): {
	readonly shown: readonly number[];
	readonly hidden: readonly (readonly number[])[];
} {
	const random = stream(hash32(`tests/${keyOf(item)}`));
	const shown = drawList(random, 4);
	const hidden = Array.from({ length: hiddenTests }, () =>
		drawList(random, random.integer(1, longestList)),
	);
	return { shown, hidden: [...hidden, []] };
}

function wordsOf(item: Item): string {
	const { steps, ending } = taskOf(item);
	const said = steps.map((step) => operations[step]?.words ?? '');
	const last = ending === undefined ? 'returns the list' : (endings[ending]?.words ?? '');
	const then = said.length > 0 ? `${said.join(', then ')}, and ` : '';
	return then + last;
}

function textOf(item: Item): string {
	const { shown } = testsOf(item);
	const example = `${name}(${JSON.stringify(shown)}) is ${JSON.stringify(apply(item, shown))}`;
	return `Write a JavaScript function ${name}(numbers) that takes a list of whole numbers, ${wordsOf(item)}. For example, ${example}. Answer with the code only.`;
}

const fence = '```';

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		taskOf(item) satisfies Task;
		if (completion.length > longestAnswer) return { malformed: 'it is too long' };
		const [, fenced] = /```(?:javascript|js)?[ \t]*\n([\s\S]*?)```/.exec(completion) ?? [];
		const code = (fenced ?? completion).trim();
		return new RegExp(`\\b${name}\\b`).test(code)
			? { answer: code }
			: { malformed: `it has no function ${name}` };
	},
	write: (_item, _view, answer) => `${fence}js\n${answer}\n${fence}`,
};

const reference: Reference = {
	solve(item) {
		const { steps, ending } = taskOf(item);
		const parts = steps.map((step) => operations[step]?.code ?? '');
		const last = ending === undefined ? '' : (endings[ending]?.code ?? '');
		return `function ${name}(numbers) { return numbers${parts.join('')}${last}; }`;
	},
	isExample: true,
};

/** What the results of the hidden lists say of a function. */
function verdictOf(item: Item, ran: Ran): Verdict {
	const wrong: Verdict = { kind: 'wrong', expected: reference.solve(item) };
	if (ran.kind === 'lost') return { kind: 'unjudged', reason: ran.reason };
	if (ran.kind !== 'ended') return wrong;
	const expected = testsOf(item).hidden.map((list) => JSON.stringify(apply(item, list)));
	const isRight =
		ran.results.length === expected.length && expected.every((one, i) => ran.results[i] === one);
	return isRight ? { kind: 'correct' } : wrong;
}

const scored = (verdict: Verdict): Score => ({
	verdict,
	rewards: {
		passed:
			verdict.kind === 'unjudged'
				? { unjudged: verdict.reason }
				: { value: Number(verdict.kind === 'correct'), weight: 1 },
	},
});

const score: Scorer = async ({ item, view, completion }, tools) => {
	tools?.signal.throwIfAborted();
	try {
		const read = answers.read(item, view, completion);
		if ('malformed' in read) return scored({ kind: 'malformed', reason: read.malformed });
		if (!tools?.sandbox)
			return scored({ kind: 'unjudged', reason: 'there is no sandbox to run it in' });
		const calls = testsOf(item).hidden.map((list) => [list]);
		const ran = await tools.sandbox.run({ source: read.answer, name, calls }, tools.signal);
		return scored(verdictOf(item, ran));
	} catch (error) {
		tools?.signal.throwIfAborted();
		return scored({
			kind: 'unjudged',
			reason: error instanceof Error ? error.message : String(error),
		});
	}
};

function parse(text: string): { item: Item } | { error: string } {
	const steps = text.length > 200 ? [] : text.trim().split(/\s*,\s*/);
	try {
		const item = { steps };
		taskOf(item) satisfies Task;
		return { item };
	} catch {
		return {
			error: `Type up to ${mostSteps} operations, like double, keep-even, sum; there are ${lastNames.join(', ')}.`,
		};
	}
}

export const functions = defineEnvironment({
	name: 'functions',
	title: 'JavaScript functions',
	ability: 'coding',
	about:
		'Writes a JavaScript function that passes its tests in a sealed interpreter; each operation more is a step harder.',
	papers: ['https://arxiv.org/abs/2107.03374', 'https://arxiv.org/abs/2207.10397'],
	knobs: {},
	create: () =>
		({
			name: 'functions',
			tasks,
			chat: true,
			open: (item) => singleMessage(textOf(item)),
			maxTokens: () => ({ prompt: 192, answer: 192 }),
			chance: { of: 'a function that returns its list', share: () => 0 },
			score,
			answers,
			reference,
			words: {
				title: 'JavaScript functions',
				noun: ['function', 'functions'],
				verb: 'write',
				unit: 'operations',
				show: (item) => {
					const { steps, ending } = taskOf(item);
					return [...steps, ...(ending === undefined ? [] : [ending])].join(', ');
				},
				parse,
			},
		}) satisfies Environment,
});
