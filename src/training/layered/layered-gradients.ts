/**
 * @file ONNX back end for models too large to train as one graph: one block's graph runs for every layer with that
 * layer's frozen weights as feeds, and the head a few rows at a time.
 *
 * The runtime's memory holds one layer, whatever the model's size; weights, LoRA and activations are plain arrays here.
 */
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Parameters } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import type { GradientBackend, OpenGradients } from '../gradients.ts';
import type { FrozenForm } from './frozen-weights.ts';
import { inputGradients, type OpenInputGradients } from './input-gradients.ts';
import { driveLayers, type LayerOptions } from './layer-driver.ts';
import { openOnnxLayers } from './onnx-layers.ts';

/** Trade-offs of speed for memory; activations are kept unless they are `recomputed`. */
export interface LayeredOptions extends LayerOptions {
	/** Storage of the frozen matrices between uses. Default `F32`. */
	readonly frozen?: FrozenForm;
}

/** For `openGradientTrainer`; the base weights come from `weights`, so its `base` may be an empty map. */
export const layeredGradients =
	(runtime: GraphRuntime, weights: WeightStore, options: LayeredOptions = {}): OpenGradients =>
	(spec, _base, parameters) =>
		openLayeredGradients(runtime, spec, weights, parameters, options);

/** Opens the back end; all frozen weights are read here unless they stay in the store. */
export const openLayeredGradients = (
	runtime: GraphRuntime,
	spec: ModelSpec,
	weights: WeightStore,
	parameters: Parameters,
	{ frozen = 'F32', ...options }: LayeredOptions = {},
): Promise<GradientBackend> =>
	driveLayers(spec, parameters, options, (lora, settings) =>
		openOnnxLayers(runtime, spec, weights, lora, frozen, settings),
	);

/** Gradients at the input embeddings. The caller still owns the runtime. */
export const layeredInputGradients =
	(
		runtime: GraphRuntime,
		spec: ModelSpec,
		weights: WeightStore,
		frozen: FrozenForm = 'F32',
	): OpenInputGradients =>
	(lora, signal) =>
		inputGradients(
			spec,
			lora,
			(opened, settings) => openOnnxLayers(runtime, spec, weights, opened, frozen, settings),
			signal,
		);
