/**
 * @file Attempts at a problem of the list language: each answer is run, and the interpreter says what came out instead.
 *
 * It runs on what everybody was shown, and never on the hidden inputs. An output is given once, since the interpreter
 * could say nothing of it but the answer.
 */
import type { Random } from '#base/random.ts';
import { end } from '../alphabet.ts';
import type { Spoken } from '../answers.ts';
import type { Dialogue } from '../dialogue.ts';
import type { Item, View } from '../item.ts';
import { besides, promptOf, read, signs, write, writeWorking } from './formats.ts';
import { problemOf, solve, type Problem } from './items.ts';
import { letters, operations, run, type List } from './language.ts';

/** Opens what the interpreter says. */
export const opening = '!';
/** In place of a list: nothing came out. */
export const nothing = '?';

/** What the interpreter says of an answer with its end mark; null if nothing is wrong with it, or nothing can be said. */
export function remark(item: Item, view: View, text: string): string | null {
	const problem = problemOf(item);
	if (problem.mode === 'deduction') return null;
	const found = read(item, view, text);
	const said =
		'malformed' in found
			? nothing
			: problem.mode === 'abduction'
				? deviation(run(problem.program, found.answer), problem.output)
				: firstDeviation(problem, view, found.answer);
	return said === null ? null : opening + said + signs[problem.mode];
}

const deviation = (out: List | undefined, wanted: List): string | null =>
	out === wanted ? null : (out ?? nothing);

function firstDeviation(
	{ inputs, outputs }: Extract<Problem, { mode: 'induction' }>,
	view: View,
	program: string,
): string | null {
	for (const [i, input] of inputs.entries()) {
		const out = run(program, input);
		if (out !== outputs[i]) return out === undefined ? nothing : besides(view, input, out);
	}
	return null;
}

/** `attempts` answers at most; the same one again ends it as well. */
export function attemptsAt(item: Item, view: View, attempts: number): Dialogue {
	const opened = promptOf(item, view);
	const said: string[] = [];
	let text = opened;
	return {
		first: () => opened,
		next: ({ content }) => {
			const isOver = said.includes(content) || said.push(content) >= attempts;
			const told = isOver ? null : remark(item, view, content);
			text += content + (told ?? '');
			return Promise.resolve(told === null ? null : text);
		},
	};
}

/**
 * A right answer, half of the time after wrong ones, each with what the interpreter says of it: at most so many that the
 * right one is still an attempt.
 */
export function conversation(
	item: Item,
	view: View,
	attempts: number,
	random: Random,
): readonly Spoken[] {
	const wrong = Math.min(attempts - 1, random.pick([0, 0, 0, 1, 1, 2]));
	const mistakes = Array.from({ length: wrong }, () => mistaken(item, view, random));
	const told = [...new Set(mistakes)].flatMap((mistake): readonly Spoken[] => {
		const said = mistake === null ? null : remark(item, view, mistake);
		if (mistake === null || said === null) return [];
		return [
			{ by: 'model', content: mistake, learnt: false },
			{ by: 'environment', content: said, learnt: false },
		];
	});
	return [...told, { by: 'model', content: write(item, view, solve(item)), learnt: true }];
}

/** An answer as a beginner would give it: wrong at one step, and by the rules from there. */
function mistaken(item: Item, view: View, random: Random): string | null {
	const problem = problemOf(item);
	if (problem.mode === 'deduction') return null;
	if (problem.mode === 'induction') {
		const program = Array.from(solve(item));
		program[random.integer(0, program.length - 1)] = random.pick(Array.from(letters));
		return program.join('') + end;
	}
	const { program, output } = problem;
	const wrongAt = random.integer(0, program.length - 1);
	let list = output;
	const lists = Array.from(program)
		.reverse()
		.map((letter, i) => {
			const before = operations[letter]?.undo(list) ?? [];
			const [simplest = list] = before;
			list = i === wrongAt ? changed(simplest, random) : simplest;
			return list;
		});
	return writeWorking(problem, view, lists);
}

function changed(list: List, random: Random): List {
	const at = random.integer(0, Math.max(0, list.length - 1));
	const digit = String(random.integer(0, 9));
	return random.integer(1, 2) === 1
		? list.slice(0, at) + digit + list.slice(at + 1)
		: Array.from(list).reverse().join('');
}
