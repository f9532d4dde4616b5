/** @file Merge of full adapters: of their differences to the base model, or as a soup without it. */
import type { Adapter } from '../adapter.ts';
import type { Tensor, TensorMap } from '../tensor.ts';
import { combine, type MergeMethod } from './combine.ts';
import { mapTensors, tensorOf, unlike, type MergeInput } from './inputs.ts';
import { weightedSum } from './linear.ts';

/** Merged weights; a RangeError if a base is needed and missing. */
export function mergeFull(
	inputs: readonly MergeInput[],
	method: MergeMethod,
	base: TensorMap | undefined,
): Adapter {
	if (inputs.some(({ adapter }) => adapter.parameters.kind !== 'full'))
		throw new RangeError(unlike);
	const weights = inputs.map(({ weight }) => weight);
	const isLinear = method.name === 'linear' || method.name === 'cat';
	const isSoup = isLinear && Math.abs(weights.reduce((a, b) => a + b, 0) - 1) < 1e-9;
	if (!base && !isSoup)
		throw new RangeError('Sets of all weights are merged so only over their base model’s.');
	const [first] = inputs;
	const tensors = mapTensors(
		first?.adapter.tensors ?? new Map<string, Tensor>(),
		(name, { shape }) => {
			const values = inputs.map(({ adapter }) => tensorOf(adapter.tensors, name, shape).data);
			if (isSoup || !base) return { shape, data: weightedSum(values, weights) };
			const origin = tensorOf(base, name, shape).data;
			const vectors = values.map((value) => value.map((x, i) => x - (origin[i] ?? 0)));
			const change = combine(vectors, weights, method, name);
			return { shape, data: origin.map((x, i) => x + (change[i] ?? 0)) };
		},
	);
	return { parameters: { kind: 'full' }, tensors };
}
