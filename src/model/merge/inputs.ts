/** @file Inputs of a merge, with their tensors checked by name and shape. */
import type { Adapter } from '../adapter.ts';
import type { Tensor, TensorMap } from '../tensor.ts';

/** An adapter and its weight; weights need not add up to 1 and may be negative. */
export interface MergeInput {
	readonly adapter: Adapter;
	readonly weight: number;
}

/** Reason why adapters cannot be merged. */
export const unlike = 'Only LoRAs on the same modules, or only sets of all weights, can be merged.';

/** A tensor for each, by the same names. */
export const mapTensors = (
	tensors: TensorMap,
	change: (name: string, tensor: Tensor) => Tensor,
): Map<string, Tensor> =>
	new Map([...tensors].map(([name, tensor]) => [name, change(name, tensor)]));

/** The tensor of a name and shape; a RangeError if there is none. */
export function tensorOf(tensors: TensorMap, name: string, shape: readonly number[]): Tensor {
	const tensor = tensors.get(name);
	if (tensor?.shape.join() === shape.join()) return tensor;
	throw new RangeError(`${name} is missing or of another shape in one of the adapters; ${unlike}`);
}
