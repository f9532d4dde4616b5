/**
 * @file Merging over rounds (survey 6.1.3, merging): what the last rounds trained answers as one policy, or each round answers
 * for the difficulty that it practised.
 *
 * mean: a model soup (Wortsman et al. 2022) of one lineage, as in stochastic weight averaging (Izmailov et al. 2018). sum:
 * task arithmetic (Ilharco et al. 2022). ties: Yadav et al. 2023. dare: Yu et al. 2023, with the mean. evolved: a mean
 * whose weights are found by trying (Akiba et al. 2024). Of LoRAs these means and sums are exact, by concatenation (PEFT's
 * `cat`) at the sum of their ranks, the others merge A and B apart, as PEFT does; of sets of all weights all work on the difference to the base model. Differs: training goes on from its own last
 * weights, not from the merged ones, so that a round's change holds those before it unless each begins anew (`restart`).
 * One for each difficulty is ConPET (Song et al. 2023, dynamic): a module for each task beside the frozen model. Differs: the
 * length of a problem chooses its module instead of a learnt selector, and the others of its choice are not averaged.
 */
import type { Knobs, KnobValues } from '#base/knobs.ts';
import { derive } from '#base/random.ts';
import type { MergePlan, Plan } from '#loop/plan.ts';
import type { Policy } from '#loop/policy/policy.ts';
import type { Context } from '#loop/types.ts';
import type { Adapter, Parameters } from '#model/adapter.ts';
import { oldSkills } from './old-skills.ts';
import { newest } from './plan.ts';

export const mergeKnobs = {
	perTask: {
		kind: 'switch',
		label: 'One for each difficulty',
		help: 'What a round trains answers the difficulty that it practised, and harder ones; easier ones are answered by the weights that learnt them, so that nothing is lost.',
		default: false,
	},
	mergeRounds: {
		kind: 'integer',
		label: 'Merge rounds',
		help: 'What the last so many rounds trained is merged to answer; 1 answers with the last alone.',
		default: 1,
		min: 1,
		max: 8,
	},
	mergeBy: {
		kind: 'choice',
		label: 'Merge by',
		help: 'mean: of the weights; sum: of what each round changed, scaled; ties: the largest changes that agree in sign; dare: the mean of changes thinned out at random; evolved: a mean with the weights, found by trying, at which old and new answers are likeliest.',
		default: 'mean',
		options: ['mean', 'sum', 'ties', 'dare', 'evolved'],
	},
	mergeScale: {
		kind: 'number',
		label: 'Merge scale',
		help: 'How much of each change a sum takes.',
		default: 0.5,
		min: 0.05,
		max: 2,
		step: 0.05,
	},
	mergeDensity: {
		kind: 'number',
		label: 'Merge density',
		help: 'Share of each change that ties and dare keep.',
		default: 0.5,
		min: 0.01,
		max: 1,
		step: 0.01,
	},
	mergeTries: {
		kind: 'integer',
		label: 'Merge tries',
		help: 'How many merges an evolved one tries; each takes a forward pass of 64 answers.',
		default: 16,
		min: 1,
		max: 500,
	},
} as const satisfies Knobs;

type MergeValues = KnobValues<typeof mergeKnobs>;

/** Problems of each difficulty of the first lessons among which an evolved merge is judged. */
const lessonProblems = 16;

/** The plan to answer with a merge of the last adapters, the trained one among them; over 1 it leaves it as it is. */
export async function mergedOver(values: MergeValues, plan: Plan, context: Context): Promise<Plan> {
	const { mergeRounds: rounds, perTask } = values;
	if (plan.kind !== 'train') return plan;
	if (perTask) return { ...plan, module: true };
	if (rounds <= 1) return plan;
	const { parameters } = plan;
	const kept = adaptersOf(context.policy)
		.filter((adapter) => canMerge(adapter.parameters, parameters, values.mergeBy))
		.slice(1 - rounds);
	const count = kept.length + 1;
	const weight = values.mergeBy === 'sum' ? values.mergeScale : 1 / count;
	return {
		kind: 'merge',
		method: methodOf(values, parameters, context),
		parts: [...kept, plan].map((one) => ({
			policy: one,
			// TIES divides by the number of changes that agree, by itself.
			weight: values.mergeBy === 'ties' ? 1 : weight,
		})),
		keeps: kept.slice(Math.max(0, kept.length - (rounds - 2))),
		...(values.mergeBy === 'evolved' && {
			evolves: {
				examples: [
					await oldSkills('both', lessonProblems, context),
					plan.mixture.find(({ name }) => name === newest)?.examples ?? [],
				],
				tries: values.mergeTries,
			},
		}),
	};
}

function methodOf(
	{ mergeBy, mergeDensity: density }: MergeValues,
	{ kind }: Parameters,
	{ world, t }: Context,
): MergePlan['method'] {
	switch (mergeBy) {
		case 'mean':
		case 'sum':
		case 'evolved':
			return { name: kind === 'lora' ? 'cat' : 'linear' };
		case 'ties':
			return { name: 'ties', density };
		case 'dare':
			return { name: 'dare-linear', density, seed: derive(world.seed, 'merge', t) };
		default:
			return mergeBy satisfies never;
	}
}

/** The adapters of the last rounds as trained; of a policy that was not merged, its own. */
const adaptersOf = ({ trained, adapter }: Policy): readonly Adapter[] =>
	trained ?? (adapter ? [adapter] : []);

/** Do both name the same kind of weights? Ranks may differ where LoRAs are concatenated. */
function canMerge(a: Parameters, b: Parameters, by: MergeValues['mergeBy']): boolean {
	if (a.kind === 'full' || b.kind === 'full') return a.kind === b.kind;
	const isConcatenated = by !== 'ties' && by !== 'dare';
	return (
		(isConcatenated || a.rank === b.rank) &&
		[...a.targets].sort().join() === [...b.targets].sort().join()
	);
}
