/** @file The weights that an opened model speaks with: F32 read now, or packed and read when its graph is opened. */
import type { PackedModel } from '#engines/onnx/packed-session.ts';
import { chooseForm, type FormName, type Place } from '#engines/onnx/speaking-forms.ts';
import type { LoraTarget } from '#model/adapter.ts';
import type { ModelSource } from '#model/model-source.ts';
import { weightShapes } from '#model/spec.ts';
import type { Tensor, TensorMap } from '#model/tensor.ts';

/** What is asked for, and where it runs. */
export interface SpeakingWeightsOptions {
	readonly place: Place;
	readonly form?: FormName | undefined;
	/** Modules whose LoRA may come and go without the weights being read again. */
	readonly targets?: readonly LoraTarget[];
	readonly signal?: AbortSignal | undefined;
}

/** Weights as `createOnnxEngine` takes them. */
export async function speakingWeights(
	{ spec, weights: store }: Pick<ModelSource, 'spec' | 'weights'>,
	{ place, form: asked = 'auto', targets, signal }: SpeakingWeightsOptions,
): Promise<TensorMap | PackedModel> {
	const form = chooseForm(asked, place, spec, store.stored);
	if (form !== 'f32') return { form, store, ...(targets ? { targets } : {}) };
	const tensors = new Map<string, Tensor>();
	for (const [name, shape] of weightShapes(spec)) {
		signal?.throwIfAborted();
		tensors.set(name, { shape, data: await store.floats(name, signal) });
	}
	return tensors;
}
