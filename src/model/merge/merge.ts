/**
 * @file Merging of adapters over one base model, by PEFT's definitions (`add_weighted_adapter`).
 *
 * For LoRAs only `cat` is exact: it concatenates the factors, so that the update is Σ w·s·B·A (s = alpha / rank) and the
 * ranks add up. The others merge A and B apart, each with √(w·s), and keep the rank: cheap, and products across adapters
 * come in. For sets of all weights every method works on W − base, and `cat` is `linear`; a linear merge whose weights
 * add up to 1 (a model soup) needs no base.
 */
import { derive, random } from '#base/random.ts';
import type { Adapter, Parameters } from '../adapter.ts';
import { sameParameters } from '../adapter.ts';
import type { Tensor, TensorMap } from '../tensor.ts';
import { dropAndRescale } from './dare.ts';
import { weightedSum } from './linear.ts';
import { mergeBySign, trim } from './ties.ts';

/** How adapters become one; `density` is the part of each task vector that is kept. */
export type MergeMethod =
	| { readonly name: 'linear' | 'cat' }
	| { readonly name: 'ties'; readonly density: number }
	| { readonly name: 'dare-linear' | 'dare-ties'; readonly density: number; readonly seed: number };

/** An adapter and how much it counts; weights need not add up to 1 and may be negative. */
export interface MergeInput {
	readonly adapter: Adapter;
	readonly weight: number;
}

type Lora = Extract<Parameters, { kind: 'lora' }>;

/** The merged adapter; a RangeError says what does not fit together. */
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
			// The sign goes on one side only, or two would cancel.
			const sign = name.endsWith('.lora_A.weight') && scaled < 0 ? -1 : 1;
			return sign * Math.sqrt(Math.abs(scaled));
		});
		const vectors = loras.map((input) => tensorOf(input.tensors, name, shape).data);
		return { shape, data: combine(vectors, weights, method, name) };
	});
	return { parameters: { ...parameters, alpha: parameters.rank }, tensors };
}

const unlike = 'Only LoRAs on the same modules, or only sets of all weights, can be merged.';

function combine(
	vectors: readonly Float32Array[],
	weights: readonly number[],
	method: MergeMethod,
	name: string,
): Float32Array {
	switch (method.name) {
		case 'linear':
		case 'cat':
			return weightedSum(vectors, weights);
		case 'ties':
			return mergeBySign(
				vectors.map((vector) => trim(vector, method.density)),
				weights,
			);
		case 'dare-linear':
		case 'dare-ties': {
			const sparse = vectors.map((vector, k) =>
				dropAndRescale(vector, method.density, random(derive(method.seed, 'dare', name, k))),
			);
			return (method.name === 'dare-ties' ? mergeBySign : weightedSum)(sparse, weights);
		}
		default:
			return method satisfies never;
	}
}

function mergeFull(
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

/** A [Σr, in] and B [out, Σr]; weight and scale go into A. */
function concatenate(
	{ targets }: Lora,
	inputs: readonly { readonly lora: Lora; readonly tensors: TensorMap; readonly weight: number }[],
): Adapter {
	const rank = inputs.reduce((sum, { lora }) => sum + lora.rank, 0);
	const parameters: Lora = { kind: 'lora', rank, alpha: rank, targets };
	if (
		inputs.some(({ lora }) => !sameParameters({ ...parameters, targets: lora.targets }, parameters))
	)
		throw new RangeError(unlike);
	const tensors = mapTensors(inputs[0]?.tensors ?? new Map<string, Tensor>(), (name, { shape }) => {
		const isA = name.endsWith('.lora_A.weight');
		const [rows = 0, columns = 0] = isA ? [rank, shape[1]] : [shape[0], rank];
		const data = new Float32Array(rows * columns);
		let from = 0;
		for (const { lora, tensors: own, weight } of inputs) {
			const part = tensorOf(own, name, isA ? [lora.rank, columns] : [rows, lora.rank]).data;
			const scale = isA ? (weight * lora.alpha) / lora.rank : 1;
			if (isA)
				data.set(
					part.map((x) => x * scale),
					from * columns,
				);
			else
				for (let row = 0; row < rows; row++)
					data.set(part.subarray(row * lora.rank, (row + 1) * lora.rank), row * rank + from);
			from += lora.rank;
		}
		return { shape: [rows, columns], data };
	});
	return { parameters, tensors };
}

const mapTensors = (
	tensors: TensorMap,
	change: (name: string, tensor: Tensor) => Tensor,
): Map<string, Tensor> =>
	new Map([...tensors].map(([name, tensor]) => [name, change(name, tensor)]));

function tensorOf(tensors: TensorMap, name: string, shape: readonly number[]): Tensor {
	const tensor = tensors.get(name);
	if (tensor?.shape.join() === shape.join()) return tensor;
	throw new RangeError(`${name} is missing or of another shape in one of the adapters; ${unlike}`);
}
