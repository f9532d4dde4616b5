/**
 * @file Programs over lists of digits, in the three modes of Absolute Zero (Zhao et al. 2025): find the output, an input or
 * the program. Difficulty is the number of operations.
 *
 * `aRbA,3514=` → `a4153b5264$`: reverse, then add 1. `aRbA,5264<` → `b4153a3514$`: the same backwards.
 * `a354b521c165d443;a132b221~` → `RA$`: input, output and the input backwards, digit beside digit. A wrong input or program
 * is run, and what came out instead is said: `!5263<` or `!a122b211~`; then there is another attempt.
 */
import type { KnobValues, Knobs } from '#base/knobs.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { end } from '../alphabet.ts';
import { measured } from '../chance.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { attemptsAt, conversation } from './attempts.ts';
import { programs } from './own-tests.ts';
import { read, viewsOf, write } from './formats.ts';
import {
	difficultyOf,
	drawItem,
	isRight,
	keyOf,
	modes,
	mostOperations,
	problemOf,
	solve,
	type Mode,
} from './items.ts';
import { longestList } from './language.ts';
import { longestFound } from './search.ts';
import { variation } from './variation.ts';
import { parse, show } from './words.ts';

const knobs = {
	mode: {
		kind: 'choice',
		label: 'Asked for',
		help: 'What is to be found: the output of a program, an input that leads to an output, the program behind pairs of both, or all three.',
		default: 'all',
		options: ['all', ...modes],
	},
	attempts: {
		kind: 'integer',
		label: 'Attempts',
		help: 'How many answers may be given to a problem: after a wrong input or program the interpreter says what came out instead.',
		default: 3,
		min: 1,
		max: 8,
	},
} as const satisfies Knobs;

const answers: AnswerFormat = { endMark: end, read, write };

/** Of one guess. */
const guessed: Readonly<Record<Mode, (operations: number) => number>> = {
	deduction: () => 0.0015,
	abduction: measured(1, [0.003, 0.006, 0.008, 0.014, 0.014, 0.018, 0.014, 0.015, 0.026, 0.024]),
	induction: measured(1, [0.12, 0.023, 0.004, 0.001]),
};

function create({ mode, attempts }: KnobValues<typeof knobs>) {
	const reference = {
		solve,
		isRight,
		conversation: (item, view, random) => conversation(item, view, attempts, random),
	} satisfies Reference;
	const strata = mode === 'all' ? modes : [mode];
	return {
		name: 'list-programs',
		tasks: defineTasks({
			difficulty: { min: 1, max: mode === 'induction' ? longestFound : mostOperations },
			strata,
			sample: drawItem,
			space: (n, stratum) => (stratum === 'induction' && n > longestFound ? 0 : Infinity),
			// The program is the hardest to find: it is practised as often as the other two.
			mix(n, random) {
				const there = strata.filter((stratum) => stratum !== 'induction' || n <= longestFound);
				const again = there.filter((stratum) => mode === 'all' && stratum === 'induction');
				return random.pick([...there, ...again]);
			},
			keyOf,
			difficultyOf,
			stratumOf: (item) => problemOf(item).mode,
			views: viewsOf,
		}),
		open: (item, view) => attemptsAt(item, view, attempts),
		// Three pairs of lists, four characters a place; an attempt is read again with what is said of it.
		maxTokens: (n) => ({
			prompt:
				Math.max(2 * n + 8, 12 * longestList) + (attempts - 1) * (7 * n + 4 * longestList + 4),
			answer: 7 * n + 2,
		}),
		chance: {
			of: 'any list of two to four digits, or any program',
			// Each attempt is a guess; an output is given once.
			share: (n, stratum) =>
				stratum === 'deduction'
					? guessed.deduction(n)
					: 1 - (1 - guessed[stratum as Mode](n)) ** attempts,
		},
		score: scoreByReference(answers, reference),
		answers,
		reference,
		programs,
		variation,
		words: {
			title: 'List programs',
			noun: ['program', 'programs'],
			verb: 'run',
			unit: 'operations',
			notation:
				'A program is a row of operations, each with its mark. = asks what becomes of the list, < what it was before, ~ for the program itself. An answer writes the list after each operation.',
			show,
			parse,
		},
	} satisfies Environment;
}

export const listPrograms = defineEnvironment({
	name: 'list-programs',
	title: 'List programs',
	ability: 'coding',
	about:
		'Runs small programs over lists of digits, forwards and backwards, and finds the program behind examples.',
	papers: ['https://arxiv.org/abs/2505.03335', 'https://arxiv.org/abs/2304.05128'],
	knobs,
	create,
});
