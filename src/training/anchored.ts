/** @file Anchor of a batch as weights, for back ends that do not take it in the pass of the step. */
import type { TensorMap } from '#model/tensor.ts';
import type { GradientBackend } from './gradients.ts';
import type { WeightedBatch } from './trainer.ts';

/** The batch as the back end takes it, and what its weights add to the weighted sum of the loss. */
export async function anchored(
	backend: GradientBackend,
	parameters: TensorMap,
	{ anchor, ...batch }: WeightedBatch,
	signal: AbortSignal | undefined,
): Promise<{ readonly batch: WeightedBatch; readonly added: number }> {
	if (!anchor) return { batch, added: 0 };
	if (backend.takesAnchors) return { batch: { ...batch, anchor }, added: 0 };
	const { reference, strength } = anchor;
	const logprobs = await backend.logprobs(parameters, { ...batch, mask: strength }, signal);
	let added = 0;
	const weights = batch.weights.map((weight, i) => {
		const own = (strength[i] ?? 0) * ((reference[i] ?? 0) - (logprobs[i] ?? 0));
		added -= own * (logprobs[i] ?? 0);
		return weight + own;
	});
	return { batch: { ...batch, weights }, added };
}
