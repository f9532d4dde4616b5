/** @file LoRA checks and scaling for engines: shape check against the model, alpha / r folded into B. */
import type { Adapter } from '#model/adapter.ts';
import { loraShapes, weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { BackendError } from '#base/backend-error.ts';

/** Cache of folded adapters, so that a swap back to one costs no arithmetic. */
const foldedBefore = new WeakMap<Adapter, TensorMap>();

/** The tensors of an adapter, with alpha / r folded into B of its LoRA factors, so that callers need no scale. */
export function folded(adapter: Adapter): TensorMap {
	const { parameters, tensors } = adapter;
	if (parameters.kind === 'full') return tensors;
	const known = foldedBefore.get(adapter);
	if (known) return known;
	const scale = parameters.alpha / parameters.rank;
	const made: TensorMap = new Map(
		[...tensors].map(([name, { shape, data }]) => [
			name,
			{ shape, data: name.endsWith('.lora_B.weight') ? scaled(data, scale) : data },
		]),
	);
	foldedBefore.set(adapter, made);
	return made;
}

function scaled(values: Float32Array, by: number): Float32Array {
	const result = values.slice();
	// A loop, since `map` calls a function for each of several million values.
	for (let i = 0; i < result.length; i++) result[i] = (result[i] ?? 0) * by;
	return result;
}

/** Checks that an adapter fits the model; the error names the first tensor that does not. */
export function checkAdapter(spec: ModelSpec, { parameters, tensors }: Adapter): void {
	const wanted = parameters.kind === 'lora' ? loraShapes(spec, parameters) : weightShapes(spec);
	for (const [name, shape] of wanted) {
		const found = tensors.get(name);
		if (found?.shape.join() !== shape.join())
			throw new BackendError(
				'bad-model',
				`The adapter does not fit this model: ${name} should be [${shape.join(', ')}], is ${found ? `[${found.shape.join(', ')}]` : 'missing'}. Use an adapter trained on the same base model.`,
			);
	}
}
