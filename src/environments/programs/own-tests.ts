/** @file Tests of programs that nobody's key is needed for: the pairs that a problem shows, and inputs made up. */
import type { Programs } from '../answers.ts';
import { problemOf } from './items.ts';
import { run } from './language.ts';
import { drawList } from './search.ts';

export const programs: Programs = {
	tests(item, count, random) {
		const problem = problemOf(item);
		if (problem.mode !== 'induction') return null;
		const { inputs, outputs } = problem;
		return [
			...inputs.map((input, i) => ({ input, output: outputs[i] ?? '' })),
			...Array.from({ length: count }, () => ({ input: drawList(random.integer(3, 4), random) })),
		];
	},
	run,
};
