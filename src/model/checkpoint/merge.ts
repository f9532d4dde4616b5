/** @file Weights merged with an adapter. */
import type { Adapter, Parameters } from '../adapter.ts';
import { cloneTensors, type Tensor, type TensorMap } from '../tensor.ts';
import type { WeightStore } from '../weight-store.ts';
import { CheckpointError } from './checkpoint-error.ts';

type Lora = Extract<Parameters, { kind: 'lora' }>;

/** W + (alpha / r) · B·A, or the weight that replaces W; `undefined` if the adapter does not change it. */
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
	if (!tensors.has(`${module}.lora_A.weight`) && !tensors.has(`${module}.lora_B.weight`))
		return undefined;
	// A copy: the store may own what it returns.
	const values = (await weights.floats(name, signal)).slice();
	addLora(values, module, parameters, tensors);
	return values;
}

/** Copies of all weights of a model, with a LoRA merged into its targets. */
export function mergedTensors(
	base: TensorMap,
	lora: Lora,
	factors: TensorMap,
): Map<string, Tensor> {
	const merged = cloneTensors(base);
	for (const name of factors.keys()) {
		if (!name.endsWith('.lora_A.weight')) continue;
		const module = name.slice(0, -'.lora_A.weight'.length);
		addLora(merged.get(`${module}.weight`)?.data, module, lora, factors);
	}
	return merged;
}

/** W += (alpha / r) · B·A. */
function addLora(
	values: Float32Array | undefined,
	module: string,
	{ rank, alpha }: Lora,
	factors: TensorMap,
): void {
	const a = factors.get(`${module}.lora_A.weight`);
	const b = factors.get(`${module}.lora_B.weight`);
	const width = a?.shape[1] ?? 0;
	const rows = b?.shape[0] ?? 0;
	if (
		!a ||
		!b ||
		a.data.length !== rank * width ||
		b.data.length !== rows * rank ||
		values?.length !== rows * width
	)
		throw new CheckpointError(`The adapter's ${module} does not fit the model; use its own base.`);
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
}
