/** @file Exponential moving average of the weights; saved as `average/<parameter>`. */
import { cloneTensors } from '#model/tensor.ts';
import { entry, type Part } from './part.ts';

/** After each step average ← decay · average + (1 − decay) · parameter; comes after the part that moves the parameters. */
export const average =
	(decay: number): Part =>
	(start) => {
		const tensors = cloneTensors(start);
		return {
			memories: [{ kind: 'average', tensors, missing: 'parameters' }],
			apply(update) {
				for (const [name, { data }] of update.parameters) {
					const mean = entry(tensors, name, 'average').data;
					for (let i = 0; i < mean.length; i++)
						mean[i] = decay * (mean[i] ?? 0) + (1 - decay) * (data[i] ?? 0);
				}
				return update;
			},
		};
	};
