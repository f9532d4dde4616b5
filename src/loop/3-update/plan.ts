/** @file The plan that update cells amend in turn, before anything is trained. */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import type { TrainPlan } from '#loop/plan.ts';
import type { Experience } from '#loop/types.ts';
import { loraTargets } from '#model/adapter.ts';

/** The part of the mixture that this round kept. */
export const newest = 'newest';

/** Everything this round kept, learnt by a small LoRA with the supervised loss; the cells say the rest. */
export function startPlan(
	refined: readonly Experience[],
	environment: EnvironmentFor<never>,
): TrainPlan {
	return {
		kind: 'train',
		mixture: [{ name: newest, share: 1, examples: examplesOf(refined, environment) }],
		objective: { name: 'supervised' },
		penalties: [],
		reference: 'round',
		parameters: { kind: 'lora', rank: 16, alpha: 16, targets: loraTargets },
		restart: false,
		carryOptimizer: true,
		optimizer: {
			learningRate: 2e-3,
			warmup: 5,
			schedule: 'constant',
			weightDecay: 0,
			pull: 0,
			average: 0,
			clip: 1,
		},
		budget: { steps: 50, batch: 64 },
	};
}

/** Trainable examples: only kept experience, and never a held-out problem, wherever it came from. */
export const examplesOf = (
	experience: readonly Experience[],
	environment: EnvironmentFor<never>,
): readonly Example[] =>
	experience.flatMap(({ task, fate }) =>
		fate.kind === 'kept' && !environment.tasks.isHeldOut(task.item) ? fate.examples : [],
	);
