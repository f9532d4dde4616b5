/** @file Guessers, one for each environment: answerers that know the form of answers, and draw any answer of that form. */
import type { Random } from '#base/random.ts';
import { writeAnswer } from '#environments/answers.ts';
import { stepsFrom, afterStep } from '#environments/arithmetic/expressions.ts';
import type { Environment } from '#environments/environment.ts';
import { table } from '#environments/facts/table.ts';
import { topicOf } from '#environments/instructions/substance.ts';
import type { Item, View } from '#environments/item.ts';
import { drawSentence, translate } from '#environments/language/grammar.ts';
import {
	blocksOf,
	carryOut,
	keyOfState,
	planFor,
	type Move,
} from '#environments/planning/towers.ts';
import { letters } from '#environments/programs/language.ts';
import type { EnvironmentName } from '#environments/registry.ts';

/** An answer in canonical form. */
export type Guesser = (item: Item, random: Random, environment: Environment) => string;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const many = <T>(n: number, draw: () => T): readonly T[] => Array.from({ length: n }, draw);
const anyOrder = (symbols: string, random: Random): string =>
	random.shuffle(Array.from(symbols)).join('');

/** Any move that the rules allow. */
const anyMove: Guesser = (item, random, { answers, tasks }) => {
	const [view = {}] = tasks.views(item, 1, random);
	const squares = many(16, () => 0).map((_, i) => String(i + 1));
	const takes = list(item['heaps']).flatMap((heap) => [1, 2, 3].map((n) => `${String(heap)}${n}`));
	const moves = [...new Set(item['heaps'] === undefined ? squares : takes)].filter(
		(move) => answers && 'answer' in answers.read(item, view, answers.write(item, view, move)),
	);
	return random.pick(moves);
};

export const guessers: Readonly<Record<EnvironmentName, Guesser>> = {
	addition: (item, random, { tasks }) =>
		String(random.integer(0, 2 * 10 ** tasks.difficultyOf(item) - 2)),
	multiplication: (item, random, { tasks }) =>
		String(random.integer(1, 9 * 10 ** tasks.difficultyOf(item))),
	sorting: (item, random) => anyOrder(text(item['digits']), random),
	reversal: (item, random) => anyOrder(text(item['word']), random),
	order: (item, random) =>
		anyOrder([...new Set(text(item['facts']).replace(/[^a-z]/g, ''))].join(''), random),
	translation: (item, random) =>
		translate(drawSentence(text(item['sentence']).split(' ').length, random))
			.map(({ word }) => word)
			.join(' '),
	persona: (item, random) =>
		text(item['interview'])
			.split(': ')[1]
			?.split(' ')
			.map(() => random.pick(Array.from('0123456789-')))
			.join(' ') ?? '',
	/** Follows any instruction instead of each word's own. */
	edits: (item, random, { reference }) =>
		reference?.solve({
			request: text(item['request']).replace(/[\^~(#!]/g, () => random.pick(Array.from('^~(#!'))),
		}) ?? '',
	calculator: (item, random, { tasks }) =>
		String(random.integer(1, 891 * tasks.difficultyOf(item))),
	countdown(item, random) {
		let left = list(item['numbers']).map(Number);
		const steps: string[] = [];
		while (left.length > 1) {
			const step = random.pick(stepsFrom(left));
			steps.push(`${step.a} ${step.sign} ${step.b} = ${step.result}`);
			left = [...(afterStep(left, step) ?? [])];
		}
		return steps.join('\n');
	},
	blocks(item, random) {
		const [start = [], goal = []] = text(item['towers'])
			.split('>')
			.map((state) => state.split(' '));
		const most = planFor(start, goal).length;
		const plan: Move[] = [];
		let state: readonly string[] = start;
		while (plan.length < most && keyOfState(state) !== keyOfState(goal)) {
			const blocks = Array.from(blocksOf(start));
			const moves = blocks
				.flatMap((block) => [...blocks, '-'].map((onto) => ({ block, onto })))
				.filter((move) => !('stuck' in carryOut(state, [move])));
			const move = random.pick(moves);
			plan.push(move);
			const next = carryOut(state, [move]);
			if (!('stuck' in next)) state = next;
		}
		return plan.map(({ block, onto }) => block + onto).join('');
	},
	grid: (item, random, { tasks }) =>
		many(tasks.difficultyOf(item) + 4, () => random.pick(['N', 'E', 'S', 'W'])).join(''),
	nim: anyMove,
	tictactoe: anyMove,
	'kuhn-poker': (_item, random) => random.pick(['pass', 'bet']),
	'reference-game'(item, random) {
		const objects = list(item['objects']).map(text);
		if (item['said'] !== undefined) return String(random.integer(1, objects.length));
		const meant = (objects[Number(item['target']) - 1] ?? '').split(' ');
		return random.shuffle(meant).slice(0, 2).join(' ');
	},
	facts(item, random) {
		if (item['form'] === 'check') return random.pick(['yes', 'no']);
		const town = random.pick(table);
		if (item['form'] === 'backward') return town.name;
		return town[item['attribute'] as 'river' | 'mayor' | 'year'];
	},
	instructions: (item) =>
		`A ${topicOf(text(item['request'])).join(' ')} is something that many people have seen from near and far.`,
	functions: () => 'function solve(numbers) { return numbers; }',
	'list-programs'(item, random, { tasks }) {
		if (item['mode'] === 'induction')
			return many(tasks.difficultyOf(item), () => random.pick(Array.from(letters))).join('');
		return many(random.integer(2, 4), () => random.integer(0, 9)).join('');
	},
	questions(item, random, { tasks }) {
		const numbers = list(item['numbers']).map(Number);
		const at = tasks.difficultyOf(item) - 1;
		if (item['kind'] === 'largest') return String(random.pick(numbers));
		if (item['kind'] === 'last') return text(random.pick(list(item['words'])));
		const [from = 0, to = 0] =
			(item['kind'] === 'sum'
				? [
						[2, 18],
						[11, 29],
						[22, 198],
					]
				: [
						[0, 8],
						[1, 19],
						[0, 98],
					])[at] ?? [];
		return String(random.integer(from, to));
	},
};

/** The answer as a model would write it. */
export const guessed = (
	name: EnvironmentName,
	environment: Environment,
	item: Item,
	view: View,
	random: Random,
): string => writeAnswer(environment, item, view, guessers[name](item, random, environment));
