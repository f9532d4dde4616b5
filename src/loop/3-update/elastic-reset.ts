/**
 * @file Elastic Reset (Noukhovitch et al. 2023, arXiv 2312.07551): training goes on from the average of its weights, and the
 * average begins anew at the first weights, so that it never drifts further than its own memory.
 *
 * Differs: at the end of a round instead of every so many steps. Moments of the optimizer stay.
 */
import { derive } from '#base/random.ts';
import type { TrainPlan } from '#loop/plan.ts';
import type { Context } from '#loop/types.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { TrainerState } from '#training/trainer.ts';

/** Weights that the first round of the run began with. */
export async function firstWeights(plan: TrainPlan, { world }: Context): Promise<TensorMap> {
	const trainer = await world.openTrainer(
		plan.parameters,
		{},
		{
			seed: derive(world.seed, 'trainer', 1),
		},
	);
	try {
		return trainer.adapter().tensors;
	} finally {
		await trainer.dispose();
	}
}

/** The state with its average as weights and `first` as average; without an average it is as it was. */
export function elasticReset(state: TrainerState, first: TensorMap): TrainerState {
	const tensors = new Map(state.tensors);
	for (const [name, tensor] of first) {
		const average = state.tensors.get(`average/${name}`);
		if (!average) continue;
		tensors.set(`parameter/${name}`, average);
		tensors.set(`average/${name}`, tensor);
	}
	return { ...state, tensors };
}
