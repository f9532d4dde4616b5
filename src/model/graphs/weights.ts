/** @file Weights as graph inputs: every weight is fed, so that an adapter or a full update changes feeds, not the graph. */
import type { Graph } from '#graph/graph.ts';
import { mergeLora } from '#graph/operators/linear.ts';
import type { Value } from '#graph/value.ts';
import type { Parameters } from '../adapter.ts';
import { loraShapes, weightShapes } from '../spec.ts';
import { type ModelSpec } from '../model-spec.ts';
import type { WeightSource } from '../transformer.ts';

/** Form of a LoRA in the forward pass. */
export type LoraForm =
	/** W + scale·B·A once per run: best if a run has many rows. */
	| 'merged'
	/** (x·Aᵀ)·Bᵀ beside x·Wᵀ: best if rank ≪ width, and for single tokens. */
	| 'factored';

/** A linear module costs 2·in·out more per row when merged (its own gradient), 6·r·(in + out) when factored. */
export const preferredForm = (spec: ModelSpec, rank: number): LoraForm =>
	spec.hiddenSize <= 8 * rank ? 'merged' : 'factored';

export interface GraphWeights extends WeightSource<Value> {
	/** Trainable values by name: the LoRA factors, or every weight. */
	readonly parameters: ReadonlyMap<string, Value>;
}

/** Declares the inputs for a model's weights; with LoRA also its factors. `scale` is alpha / r. */
export function inputWeights(
	g: Graph,
	spec: ModelSpec,
	parameters: Parameters | null,
	form: LoraForm,
	scale: number,
): GraphWeights {
	const inputs = new Map<string, Value>();
	for (const [name, shape] of weightShapes(spec)) inputs.set(name, g.input(name, 'float32', shape));
	const factors = new Map<string, Value>();
	if (parameters?.kind === 'lora')
		for (const [name, shape] of loraShapes(spec, parameters))
			factors.set(name, g.input(name, 'float32', shape));

	const need = (map: ReadonlyMap<string, Value>, name: string): Value => {
		const value = map.get(name);
		if (!value) throw new Error(`the model has no weight ${name}`);
		return value;
	};
	const merged = new Map<string, Value>();
	return {
		parameters: parameters?.kind === 'lora' ? factors : inputs,
		weight: (name) => {
			const module = name.replace(/\.weight$/, '');
			const a = factors.get(`${module}.lora_A.weight`);
			if (!a || form === 'factored') return need(inputs, name);
			const value =
				merged.get(name) ??
				mergeLora(g, need(inputs, name), a, need(factors, `${module}.lora_B.weight`), scale);
			merged.set(name, value);
			return value;
		},
		lora: (module) => {
			const a = factors.get(`${module}.lora_A.weight`);
			if (!a || form === 'merged') return undefined;
			return { a, b: need(factors, `${module}.lora_B.weight`), scale };
		},
	};
}
