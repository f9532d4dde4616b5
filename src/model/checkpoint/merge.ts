/** @file A weight with what an adapter adds to it. */
import type { Adapter } from '../adapter.ts';
import type { WeightStore } from '../weight-store.ts';
import { CheckpointError } from './checkpoint-error.ts';

/** W + (alpha / r) · B·A, or the weight that replaces W; `undefined` where the adapter leaves it alone. */
export async function mergedFloats(
	weights: WeightStore,
	name: string,
	adapter: Adapter | undefined,
	signal?: AbortSignal,
): Promise<Float32Array | undefined> {
	if (!adapter) return undefined;
	const { parameters, tensors } = adapter;
	if (parameters.kind === 'full') return tensors.get(name)?.data;
	const module = name.replace(/\.weight$/, '');
	const a = tensors.get(`${module}.lora_A.weight`);
	const b = tensors.get(`${module}.lora_B.weight`);
	if (!a && !b) return undefined;
	const width = a?.shape[1] ?? 0;
	const rows = b?.shape[0] ?? 0;
	const { rank, alpha } = parameters;
	// A copy: the store may hold what it gives.
	const values = (await weights.floats(name, signal)).slice();
	if (
		!a ||
		!b ||
		a.data.length !== rank * width ||
		b.data.length !== rows * rank ||
		values.length !== rows * width
	)
		throw new CheckpointError(
			`The adapter's factors for "${name}" do not fit it; use its own base model.`,
		);
	const delta = new Float32Array(width);
	for (let row = 0; row < rows; row++) {
		delta.fill(0);
		for (let k = 0; k < rank; k++) {
			const factor = b.data[row * rank + k] ?? 0;
			for (let i = 0; i < width; i++)
				delta[i] = (delta[i] ?? 0) + factor * (a.data[k * width + i] ?? 0);
		}
		const at = row * width;
		for (let i = 0; i < width; i++)
			values[at + i] = (values[at + i] ?? 0) + (alpha / rank) * (delta[i] ?? 0);
	}
	return values;
}
