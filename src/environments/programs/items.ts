/**
 * @file Problems in the list language, of the three kinds of Absolute Zero: what comes out of a program (deduction), what
 * went in (abduction), which program it was (induction). No problem holds its answer.
 */
import type { Random } from '#base/random.ts';
import type { Item } from '../item.ts';
import { letters, operations, run, type List } from './language.ts';
import { doSame, drawList, explain, hiddenInputs, longestFound, wayBack } from './search.ts';

export const modes = ['deduction', 'abduction', 'induction'] as const;
export type Mode = (typeof modes)[number];

/** Longest program of a problem. */
export const mostOperations = 10;

export type Problem =
	| { readonly mode: 'deduction'; readonly program: string; readonly input: List }
	| { readonly mode: 'abduction'; readonly program: string; readonly output: List }
	| {
			readonly mode: 'induction';
			readonly inputs: readonly List[];
			readonly outputs: readonly List[];
	  };

const isProgram = (text: unknown): text is string =>
	typeof text === 'string' &&
	text.length >= 1 &&
	text.length <= mostOperations &&
	Array.from(text).every((letter) => letters.includes(letter));
export const isList = (text: unknown): text is List =>
	typeof text === 'string' && /^[0-9]{0,12}$/.test(text);

/** The problem of an item; items may come from a file, so a wrong one is refused. */
export function problemOf(item: Item): Problem {
	const { mode, program, input, output, inputs, outputs } = item;
	if (mode === 'deduction' && isProgram(program) && isList(input)) return { mode, program, input };
	if (mode === 'abduction' && isProgram(program) && isList(output))
		return { mode, program, output };
	if (mode === 'induction' && areLists(inputs) && areLists(outputs))
		if (inputs.length === outputs.length) return { mode, inputs, outputs };
	throw new TypeError('A problem is a program with a list, or a few pairs of lists.');
}

const areLists = (value: Item[string] | undefined): value is readonly List[] =>
	Array.isArray(value) && value.length >= 1 && value.length <= 4 && value.every(isList);

export const keyOf = (item: Item): string => {
	const { mode, ...rest } = problemOf(item);
	return `list-programs/${mode}/${Object.values(rest).flat().join()}`;
};

/** Operations of the program; throws where nobody knows one. */
export function difficultyOf(item: Item): number {
	const problem = problemOf(item);
	return (problem.mode === 'induction' ? explained(problem) : problem.program).length;
}

function explained(problem: Problem & { mode: 'induction' }): string {
	const explanation = explain(problem);
	if (explanation) return explanation.program;
	throw new TypeError(`No program of up to ${longestFound} operations explains these pairs.`);
}

/** A right answer: the output, the simplest input, or the first of the shortest programs. */
export function solve(item: Item): string {
	const problem = problemOf(item);
	if (problem.mode === 'induction') return explained(problem);
	const answer =
		problem.mode === 'deduction'
			? run(problem.program, problem.input)
			: wayBack(problem.program, problem.output)?.at(-1);
	if (answer !== undefined) return answer;
	throw new TypeError('Nobody can know the answer to this problem.');
}

/** Whatever was answered is run: on what was asked, and a program on inputs that nobody was shown, too. */
export function isRight(item: Item, answer: string): boolean {
	const problem = problemOf(item);
	switch (problem.mode) {
		case 'deduction':
			return answer === run(problem.program, problem.input);
		case 'abduction':
			return isList(answer) && run(problem.program, answer) === problem.output;
		case 'induction':
			return (
				problem.inputs.every((input, i) => run(answer, input) === problem.outputs[i]) &&
				doSame(answer, explained(problem), hiddenInputs(problem))
			);
		default:
			return problem satisfies never;
	}
}

/** Digits of a list between operations, so that no list runs out. */
const [fewest, most] = [2, 4];
/** Pairs that an induction shows. */
const shown = 3;

/** A problem with `n` operations. */
export function drawItem(n: number, random: Random, mode: string): Item {
	for (let attempt = 0; attempt < 10_000; attempt++) {
		const input = drawList(random.integer(mode === 'induction' ? 3 : fewest, most), random);
		const program = drawProgram(n, input, random);
		if (mode === 'deduction') return { mode, program, input };
		const output = run(program, input) ?? '';
		if (mode === 'abduction') {
			if (wayBack(program, output)) return { mode, program, output };
			continue;
		}
		const inputs = [
			input,
			...Array.from({ length: shown - 1 }, () => drawList(random.integer(3, most), random)),
		];
		const outputs = inputs.map((one) => run(program, one) ?? '');
		const explanation = explain({ inputs, outputs });
		// What a shorter program explains is an easier problem, and what two explain is no fair one.
		if (explanation?.isClear && explanation.program.length === n && outputs.every(isList))
			return { mode: 'induction', inputs, outputs };
	}
	throw new RangeError(`No ${mode} of ${n} operations was found; choose another difficulty.`);
}

function drawProgram(n: number, input: List, random: Random): string {
	let [program, list] = ['', input];
	while (program.length < n) {
		const fitting = Array.from(letters).filter((letter) => {
			const { length } = operations[letter]?.apply(list) ?? '';
			return length >= fewest && length <= most;
		});
		const letter = random.pick(fitting);
		program += letter;
		list = operations[letter]?.apply(list) ?? list;
	}
	return program;
}
