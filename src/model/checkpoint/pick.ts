/** @file Selection of a model's tensors by name and shape. */
import { quote } from '#base/untrusted/quote.ts';
import type { Tensor, TensorMap } from '../tensor.ts';
import { CheckpointError } from './checkpoint-error.ts';

/** The tensor, if it has this shape; the error names the missing tensor or both shapes. */
export function wantTensor<T extends { readonly shape: readonly number[] }>(
	tensor: T | undefined,
	[name, shape]: readonly [string, readonly number[]],
	file: string,
	asker = 'config.json',
): T {
	if (!tensor)
		throw new CheckpointError(`${file}: tensor "${name}" [${shape.join(', ')}] is missing.`);
	if (tensor.shape.join() !== shape.join())
		throw new CheckpointError(
			`${file}: tensor "${name}" has shape ${quote(tensor.shape)}, but ${asker} asks for [${shape.join(', ')}].`,
		);
	return tensor;
}

/** The tensors of these names and shapes, in this order. */
export function pickTensors(
	tensors: TensorMap,
	shapes: ReadonlyMap<string, readonly number[]>,
	file: string,
): TensorMap {
	const picked = new Map<string, Tensor>();
	for (const [name, shape] of shapes)
		picked.set(name, wantTensor(tensors.get(name), [name, shape], file));
	return picked;
}
