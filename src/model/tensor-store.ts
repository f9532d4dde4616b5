/** @file Weight store over tensors in memory. */
import { sizeOf, type TensorMap } from './tensor.ts';
import type { StoredWeight, WeightStore } from './weight-store.ts';

/** Returns the values themselves, not copies: callers must not write to them. */
export function tensorStore(tensors: TensorMap): WeightStore {
	const find = (name: string): Float32Array => {
		const tensor = tensors.get(name);
		if (tensor?.data.length !== sizeOf(tensor?.shape ?? []))
			throw new RangeError(`${name} is missing among the model's weights, or not of its shape.`);
		return tensor.data;
	};
	return {
		stored: new Map(
			[...tensors].map(([name, { shape }]): [string, StoredWeight] => [
				name,
				{ shape, form: 'F32' },
			]),
		),
		raw: async (name) => {
			const { buffer, byteOffset, byteLength } = find(name);
			return new Uint8Array(buffer, byteOffset, byteLength);
		},
		floats: async (name) => find(name),
	};
}
