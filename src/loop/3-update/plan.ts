/** @file The plan that update cells amend in turn, before anything is trained. */
import type { EnvironmentFor } from '#environments/environment.ts';
import { loraTargets } from '#model/adapter.ts';
import type { Example, Experience, Plan } from '#loop/types.ts';

/** The pool of what this round kept. */
export const newest = 'newest';

/** Everything this round kept, on a small LoRA; the cells say the rest. */
export function startPlan(
	refined: readonly Experience[],
	environment: EnvironmentFor<never>,
): Plan {
	return {
		pools: [{ name: newest, share: 1, examples: examplesOf(refined, environment) }],
		parameters: { kind: 'lora', rank: 16, alpha: 16, targets: loraTargets },
		restart: false,
		carryOptimizer: true,
		steps: 50,
		batch: 64,
		learningRate: 2e-3,
		warmup: 5,
		schedule: 'constant',
		weightDecay: 0,
		average: 0,
	};
}

/** What may be trained on: only kept experience, and never a held-out problem, wherever it came from. */
export const examplesOf = (
	experience: readonly Experience[],
	environment: EnvironmentFor<never>,
): readonly Example[] =>
	experience.flatMap(({ task, fate }) =>
		fate.kind === 'kept' && !environment.tasks.isHeldOut(task.item) ? fate.examples : [],
	);
