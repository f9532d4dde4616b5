/**
 * @file Merging over rounds (survey 6.1.3, merging): the mean of the adapters of the last rounds answers.
 *
 * A model soup (Wortsman et al. 2022) of one lineage, as in stochastic weight averaging (Izmailov et al. 2018): the mean
 * of weights. LoRAs are concatenated (PEFT's `cat`), which is the exact mean of their updates B·A, at the sum of their
 * ranks; sets of all weights are interpolated. Differs: training goes on from its own last weights, not from the mean.
 */
import type { Plan } from '#loop/plan.ts';
import type { Policy } from '#loop/policy/policy.ts';
import type { Adapter, Parameters } from '#model/adapter.ts';

/** The plan to answer with the mean of `rounds` adapters, the trained one among them; 1 leaves it as it is. */
export function mergedOver(rounds: number, plan: Plan, policy: Policy): Plan {
	if (plan.kind !== 'train' || rounds <= 1) return plan;
	const kept = adaptersOf(policy)
		.filter((adapter) => canMerge(adapter.parameters, plan.parameters))
		.slice(1 - rounds);
	const weight = 1 / (kept.length + 1);
	return {
		kind: 'merge',
		method: { name: plan.parameters.kind === 'lora' ? 'cat' : 'linear' },
		parts: [...kept, plan].map((one) => ({ policy: one, weight })),
		keeps: kept.slice(Math.max(0, kept.length - (rounds - 2))),
	};
}

/** The adapters of the last rounds as trained; of a policy that was not merged, its own. */
const adaptersOf = ({ trained, adapter }: Policy): readonly Adapter[] =>
	trained ?? (adapter ? [adapter] : []);

/** Do both name the same kind of weights? Ranks may differ. */
function canMerge(a: Parameters, b: Parameters): boolean {
	if (a.kind === 'full' || b.kind === 'full') return a.kind === b.kind;
	return [...a.targets].sort().join() === [...b.targets].sort().join();
}
