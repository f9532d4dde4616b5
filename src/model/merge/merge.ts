/**
 * @file Merging of adapters over one base model, by PEFT's definitions (`add_weighted_adapter`).
 *
 * For LoRAs only `cat` is exact: it concatenates the factors, so that the update is Σ w·s·B·A (s = alpha / rank) and the
 * ranks add up. The others merge A and B apart, each with √(w·s), and keep the rank: cheap, and products across adapters
 * come in. For sets of all weights every method works on W − base, and `cat` is `linear`; a linear merge whose weights
 * add up to 1 (a model soup) needs no base.
 */
import { sameParameters, type Adapter } from '../adapter.ts';
import type { TensorMap } from '../tensor.ts';
import { concatenate } from './cat.ts';
import { combine, type MergeMethod } from './combine.ts';
import { mergeFull } from './full.ts';
import { mapTensors, tensorOf, unlike, type MergeInput } from './inputs.ts';

/** The merged adapter; a RangeError names the mismatch. */
export function merge(
	inputs: readonly MergeInput[],
	method: MergeMethod,
	base?: TensorMap,
): Adapter {
	const [first] = inputs;
	if (!first) throw new RangeError('There is nothing to merge.');
	const { parameters } = first.adapter;
	if (parameters.kind === 'full') return mergeFull(inputs, method, base);
	const loras = inputs.flatMap(({ adapter, weight }) =>
		adapter.parameters.kind === 'lora'
			? [{ lora: adapter.parameters, tensors: adapter.tensors, weight }]
			: [],
	);
	if (loras.length < inputs.length) throw new RangeError(unlike);
	if (method.name === 'cat') return concatenate(parameters, loras);
	if (loras.some(({ lora }) => !sameParameters({ ...lora, alpha: parameters.alpha }, parameters)))
		throw new RangeError(`${unlike} Of other ranks only "cat" makes one.`);
	const tensors = mapTensors(first.adapter.tensors, (name, { shape }) => {
		const weights = loras.map(({ lora, weight }) => {
			const scaled = (weight * lora.alpha) / lora.rank;
			// The sign goes into one factor only, since two would cancel.
			const sign = name.endsWith('.lora_A.weight') && scaled < 0 ? -1 : 1;
			return sign * Math.sqrt(Math.abs(scaled));
		});
		const vectors = loras.map((input) => tensorOf(input.tensors, name, shape).data);
		return { shape, data: combine(vectors, weights, method, name) };
	});
	return { parameters: { ...parameters, alpha: parameters.rank }, tensors };
}
