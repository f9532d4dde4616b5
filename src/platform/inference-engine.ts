/** @file What an opened model speaks with: the kernel of our own or ONNX Runtime, as the table of forms says. */
import type { PolicyEngine } from '#engines/engine.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { chooseForm, type FormName, type Place } from '#engines/weight-formats.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { LoraTarget } from '#model/adapter.ts';
import type { SpeakingModel } from '#model/open-model.ts';
import { weightShapes } from '#model/spec.ts';
import type { Tensor } from '#model/tensor.ts';
import { renderOf } from './render.ts';

/** Where it runs, what is asked for, and how the back ends are opened; one that is opened belongs to who opens it. */
export interface SpeakingOptions {
	readonly place: Place;
	readonly runtime: () => Promise<GraphRuntime>;
	/** Opens a kernel for this engine, which closes it. */
	readonly kernel: () => Promise<Kernel>;
	readonly form?: FormName | undefined;
	/** Modules whose LoRA may come and go without the weights being read again. */
	readonly targets?: readonly LoraTarget[];
	readonly signal?: AbortSignal | undefined;
}

/** Opens a model to speak; messages are written as its chat template says. */
export async function openSpeakingEngine(
	source: SpeakingModel,
	options: SpeakingOptions,
): Promise<PolicyEngine> {
	const { place, runtime, kernel, form: asked = 'auto', targets, signal } = options;
	const { spec, tokenizer, endTokens, weights: store } = source;
	const { chatTemplate: template, specialTokens, startTokens } = source;
	const language = {
		spec,
		tokenizer,
		endTokens,
		...renderOf({ chat: { template, specialTokens, startTokens } }),
	};
	const form = chooseForm(asked, place, spec, store.stored);
	if (form === 'kernel')
		return openKernelEngine({ ...language, kernel: await kernel(), weights: store }, signal);
	const running = await runtime();
	if (form !== 'f32')
		return createOnnxEngine({
			...language,
			runtime: running,
			weights: { form, store, ...(targets && { targets }) },
		});
	const tensors = new Map<string, Tensor>();
	for (const [name, shape] of weightShapes(spec)) {
		signal?.throwIfAborted();
		tensors.set(name, { shape, data: await store.floats(name, signal) });
	}
	return createOnnxEngine({ ...language, runtime: running, weights: tensors });
}
