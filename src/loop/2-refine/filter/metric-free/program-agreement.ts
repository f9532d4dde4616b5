/**
 * @file Dual agreement of programs and tests (survey 5.1.2): programs that do the same form a group, and the group with most
 * programs and most tests passed is kept.
 *
 * Follows CodeT (Chen et al. 2022): a consensus set scores its programs × the tests that they pass. Differs: the tests are
 * the pairs that the problem shows, and inputs drawn here, which a program passes by running to its end; what comes out for
 * them sorts programs into groups. The hidden inputs of the verifier stay hidden. Problems whose answer is no program pass unchanged.
 */
import { derive, random } from '#base/random.ts';
import type { Programs } from '#environments/answers.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import { candidatesOf, narrow } from '../../narrow.ts';

const address = '2-refine/filter/metric-free/program-agreement';

export const programAgreement = defineCell({
	section: '5.1.2',
	address,
	title: 'Agreement of programs',
	step: 'refine',
	about: 'Runs all programs that were written for a problem, and keeps those that most agree with.',
	papers: ['https://arxiv.org/abs/2207.10397'],
	knobs: {
		inputs: {
			kind: 'integer',
			label: 'Inputs of its own',
			help: 'On how many made-up inputs the programs are compared, beside the pairs that the problem shows.',
			default: 6,
			min: 1,
			max: 32,
		},
		consensus: {
			kind: 'number',
			label: 'Consensus',
			help: 'Least share of programs × tests that the best group must have; 1 asks that all do the same and pass all.',
			default: 0.3,
			min: 0,
			max: 1,
			step: 0.05,
		},
	},
	needs: ['programs'],
	create: ({ inputs, consensus }) => {
		return (experience, context) => {
			const { world, t } = context;
			world.signal.throwIfAborted();
			const { environment } = world;
			const refined = experience.map((one) => {
				const { item, id } = one.task;
				const tests = environment.programs.tests(
					item,
					inputs,
					random(derive(world.seed, 'program-agreement', t, id)),
				);
				if (!tests) return one;
				const candidates = candidatesOf(one);
				const { group, score } = bestGroup(candidates, tests, environment.programs);
				const share = score / Math.max(1, candidates.length * tests.length);
				const good = share < consensus - 1e-9 ? [] : group;
				const reason =
					candidates.length === 0
						? 'no answer is well-formed'
						: `${group.length} of ${candidates.length} programs do the same, and ${Math.round(100 * share)} % of programs and tests agree`;
				return narrow(one, good, address, reason, environment);
			});
			reportStep(context, address, refined.length, refined.length);
			return Promise.resolve(refined);
		};
	},
});

type Tests = NonNullable<ReturnType<Programs['tests']>>;

/** The group with the largest product of its programs and the tests they pass; the first of equals. */
function bestGroup(
	candidates: readonly Rollout[],
	tests: Tests,
	{ run }: Programs,
): { readonly group: readonly Rollout[]; readonly score: number } {
	const groups = new Map<string, { readonly members: Rollout[]; readonly passed: number }>();
	for (const rollout of candidates) {
		const outputs = tests.map(({ input }) => run(rollout.answer ?? '', input) ?? null);
		const passed = tests.filter(({ output }, i) =>
			output === undefined ? outputs[i] !== null : outputs[i] === output,
		).length;
		const key = JSON.stringify(outputs);
		const known = groups.get(key);
		if (known) known.members.push(rollout);
		else groups.set(key, { members: [rollout], passed });
	}
	let best: { group: readonly Rollout[]; score: number } = { group: [], score: 0 };
	for (const { members, passed } of groups.values())
		if (members.length * passed > best.score)
			best = { group: members, score: members.length * passed };
	return best;
}
