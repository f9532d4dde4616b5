/** @file Initial weights, seeded: of a new LoRA and of a new model. */
import { derive, random } from '#base/random.ts';
import type { Adapter, Parameters } from '#model/adapter.ts';
import { mergedTensors } from '#model/checkpoint/merge.ts';
import { loraShapes, weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf, zeros, type Tensor, type TensorMap } from '#model/tensor.ts';

const filled = (shape: readonly number[], value: () => number): Tensor => ({
	shape,
	data: Float32Array.from({ length: sizeOf(shape) }, value),
});

/**
 * A LoRA without effect, as PEFT's: A uniform in ±1/√in (kaiming with a = √5), B zero. Each tensor has its own random
 * stream, so adding a target leaves the others unchanged.
 */
export function initialiseLora(
	spec: ModelSpec,
	lora: { readonly rank: number; readonly targets: readonly string[] },
	seed: number,
): Map<string, Tensor> {
	const tensors = new Map<string, Tensor>();
	for (const [name, shape] of loraShapes(spec, lora)) {
		if (name.endsWith('.lora_B.weight')) {
			tensors.set(name, zeros(shape));
			continue;
		}
		const stream = random(derive(seed, name));
		const bound = 1 / Math.sqrt(shape[1] ?? 1);
		tensors.set(
			name,
			filled(shape, () => (2 * stream.next() - 1) * bound),
		);
	}
	return tensors;
}

/**
 * A new model with GPT-2's initialisation (Radford et al. 2019): normal with deviation 0.02, the two matrices that write
 * into the residual stream divided by √(2 · layers); norms 1, biases 0.
 */
export function initialiseModel(
	spec: ModelSpec,
	seed: number,
	deviation = 0.02,
): Map<string, Tensor> {
	const tensors = new Map<string, Tensor>();
	for (const [name, shape] of weightShapes(spec)) {
		if (shape.length === 1) {
			tensors.set(name, name.endsWith('.bias') ? zeros(shape) : filled(shape, () => 1));
			continue;
		}
		const residual = /\.(o_proj|down_proj)\.weight$/.test(name);
		const scale = residual ? deviation / Math.sqrt(2 * spec.layers) : deviation;
		const stream = random(derive(seed, name));
		tensors.set(
			name,
			filled(shape, () => stream.normal() * scale),
		);
	}
	return tensors;
}

/** Initial tensors of a training: those of `start` if given, otherwise new (LoRA) or the base's (full). */
export function startTensors(
	spec: ModelSpec,
	base: TensorMap,
	parameters: Parameters,
	options: { readonly seed: number; readonly start?: Adapter },
): Map<string, Tensor> {
	const { start, seed } = options;
	const shapes = parameters.kind === 'lora' ? loraShapes(spec, parameters) : weightShapes(spec);
	if (!start)
		return parameters.kind === 'lora'
			? initialiseLora(spec, parameters, seed)
			: pick(shapes, base, 'the base model');
	const from = start.parameters;
	if (parameters.kind === 'full')
		return pick(
			shapes,
			from.kind === 'full' ? start.tensors : mergedTensors(base, from, start.tensors),
			'the start',
		);
	if (from.kind === 'full')
		throw new RangeError(
			'A LoRA cannot start from a full set of weights; open the trainer with those as its base.',
		);
	if (from.rank !== parameters.rank || from.alpha !== parameters.alpha)
		throw new RangeError(
			`The start is a LoRA of rank ${from.rank}, alpha ${from.alpha}; train with the same, not rank ${parameters.rank}, alpha ${parameters.alpha}.`,
		);
	return pick(shapes, start.tensors, 'the start');
}

/** Copies of exactly the named tensors, in this order; throws if one is missing or misshapen. */
export function pick(
	shapes: ReadonlyMap<string, readonly number[]>,
	from: TensorMap,
	whose: string,
): Map<string, Tensor> {
	const picked = new Map<string, Tensor>();
	for (const [name, shape] of shapes) {
		const tensor = from.get(name);
		if (!tensor) throw new RangeError(`${name} is missing in ${whose}.`);
		if (tensor.shape.join() !== shape.join() || tensor.data.length !== sizeOf(shape))
			throw new RangeError(
				`${name} in ${whose} is [${tensor.shape.join(', ')}], not [${shape.join(', ')}].`,
			);
		picked.set(name, { shape, data: tensor.data.slice() });
	}
	return picked;
}
