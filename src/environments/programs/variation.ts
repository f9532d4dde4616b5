/**
 * @file Mutation of problems in the list language: an operation more (in depth), or another one in the place of one (in
 * breadth), with what comes out worked out anew.
 */
import type { Random } from '#base/random.ts';
import type { Item } from '../item.ts';
import type { Variation } from '../tasks.ts';
import { isList, mostOperations, problemOf, solve, type Problem } from './items.ts';
import { letters, run, trace, type List } from './language.ts';
import { explain, wayBack } from './search.ts';

export const variation: Variation = {
	deeper: (item, random) => mutated(item, random, 1),
	wider: (item, random) => mutated(item, random, 0),
};

/** Mutations tried before a problem counts as one that has none. */
const patience = 40;

function mutated(item: Item, random: Random, added: 0 | 1): Item | null {
	const problem = problemOf(item);
	const program = problem.mode === 'induction' ? solve(item) : problem.program;
	if (program.length + added > mostOperations) return null;
	for (let attempt = 0; attempt < patience; attempt++) {
		const at = random.integer(0, program.length - 1 + added);
		const letter = random.pick(Array.from(letters));
		const changed = program.slice(0, at) + letter + program.slice(at + 1 - added);
		const made = changed === program ? null : problemWith(changed, problem);
		if (made) return made;
	}
	return null;
}

/** The same lists under another program; null where it leads nowhere, or nobody could know the answer. */
function problemWith(program: string, problem: Problem): Item | null {
	const { mode } = problem;
	switch (mode) {
		case 'deduction':
			return isFair(program, problem.input) ? { mode, program, input: problem.input } : null;
		case 'abduction': {
			const input = wayBack(problem.program, problem.output)?.at(-1);
			if (input === undefined || !isFair(program, input)) return null;
			const output = run(program, input) ?? '';
			return wayBack(program, output) ? { mode, program, output } : null;
		}
		case 'induction': {
			const { inputs } = problem;
			if (!inputs.every((input) => isFair(program, input))) return null;
			const outputs = inputs.map((input) => run(program, input) ?? '');
			const explanation = explain({ inputs, outputs });
			return explanation?.isClear && explanation.program.length === program.length
				? { mode, inputs, outputs }
				: null;
		}
		default:
			return mode satisfies never;
	}
}

/** No list on the way runs out or grows beyond what a problem may hold. */
function isFair(program: string, input: List): boolean {
	const lists = trace(program, input);
	return !('error' in lists) && lists.every((list) => list !== '' && isList(list));
}
