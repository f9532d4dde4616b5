/**
 * @file Large model over its files: its engine uses the chat template, its trainer goes layer by layer. Weights
 * are read from the files as they are needed, never all files at once.
 */
import { BackendError } from '#base/backend-error.ts';
import type { PolicyEngine } from '#engines/engine.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import {
	chooseWeightFormat,
	type FormatName,
	type FormatPreference,
} from '#engines/weight-formats.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { LoraTarget } from '#model/adapter.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { openChatModel, type ChatModel } from '#model/open-model.ts';
import { parameterCount, weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { Tensor } from '#model/tensor.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import type { OpenGradients } from '#training/gradients.ts';
import {
	layeredGradients,
	layeredInputGradients,
	type LayeredOptions,
} from '#training/layered/layered-gradients.ts';
import { ownKernelGradients, ownKernelInputGradients } from './backends/kernel-trainer.ts';
import type { HeldFiles } from './held-files.ts';
import type { LearningModel, OpenModel } from './platform.ts';
import { renderOf } from './render.ts';
import { shareEngine } from './shared-engine.ts';

/** Options that a caller may choose. */
export interface LargeModelOptions {
	/** Default: the one in its files. */
	readonly name?: string | undefined;
	/** Weight format for inference; by default the one measured to be best. */
	readonly form?: FormatName | undefined;
	/** Modules whose LoRA may come and go without the weights being read again. */
	readonly targets?: readonly LoraTarget[];
	/** Of a trainer on ONNX Runtime; asked when one is opened. */
	readonly layers?: ((spec: ModelSpec) => LayeredOptions) | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** Platform of a large model: its weight format, its trainer, and how its back ends are opened. */
export interface LargeModelParts {
	readonly weights: FormatPreference;
	readonly trainer: 'kernel' | 'layers';
	/** Opened on first need, with the size of the weights as F32 in bytes. */
	readonly runtime: (bytes: number) => Promise<GraphRuntime>;
	/** Opens a kernel for one engine or trainer, which closes it. */
	readonly kernel: () => Promise<Kernel>;
}

/** A model whose files are open; none of its weights are in memory before a trainer or its engine is opened. */
export interface LargeModel extends LearningModel {
	/** Opens the engine, once; a failure closes the model. */
	openEngine(signal?: AbortSignal): Promise<OpenModel>;
}

/** Half the memory of F32, and exact for what is stored in 16 bits. */
const halves = (): LayeredOptions => ({ frozen: 'F16' });

/** Opens a model over its files, which it closes; what is wrong with them is a `bad-model`. */
export async function openLargeModel(
	held: HeldFiles,
	parts: LargeModelParts,
	options: LargeModelOptions = {},
): Promise<LargeModel> {
	const { layers = halves, signal } = options;
	let opened: Promise<GraphRuntime> | undefined;
	let engine: PolicyEngine | undefined;
	const close = async (): Promise<void> => {
		await engine?.dispose();
		await opened?.then((runtime) => runtime.dispose()).catch(() => undefined);
		await held.close();
	};
	let closing: Promise<void> | undefined;
	const dispose = (): Promise<void> => (closing ??= close());
	const fail = async (error: unknown): Promise<never> => {
		await dispose();
		if (!(error instanceof CheckpointError)) throw error;
		throw new BackendError('bad-model', error.message, { cause: error });
	};
	const source = await openChatModel(held.files, signal ? { signal } : {}).catch(fail);
	const { spec, tokenizer, weights, chatTemplate: template, specialTokens, startTokens } = source;
	const runtime = (): Promise<GraphRuntime> => (opened ??= parts.runtime(4 * parameterCount(spec)));
	const gradients =
		(top: { readonly topLayers?: number }): OpenGradients =>
		async (...model) =>
			parts.trainer === 'kernel'
				? ownKernelGradients(parts.kernel, weights, top)(...model)
				: layeredGradients(await runtime(), weights, {
						...layers(spec),
						...(signal && { signal }),
						...top,
					})(...model);
	const model: LearningModel = {
		name: options.name ?? source.name,
		openTrainer: openGradientTrainer(spec, new Map(), gradients({}), (topLayers) =>
			gradients({ topLayers }),
		),
		// Layer by layer there is no gradient of the base weights.
		learns: 'lora',
		openInputGradients: async (lora, stop) =>
			parts.trainer === 'kernel'
				? ownKernelInputGradients(parts.kernel, spec, weights)(lora, stop)
				: layeredInputGradients(await runtime(), spec, weights, layers(spec).frozen)(lora, stop),
		tokenizer,
		spec,
		tokenizerFiles: new Map(),
		description: parts.trainer === 'kernel' ? 'kernel, layer by layer' : 'onnx, layer by layer',
		chat: { template, specialTokens, startTokens },
		dispose,
	};
	return {
		...model,
		openEngine: async (stop = signal) => {
			const speaking = openEngine(source, { ...parts, runtime }, { ...options, signal: stop });
			engine = await speaking.catch(fail);
			return { ...model, engine: shareEngine(engine) };
		},
	};
}

/** Messages are written as the model's chat template says. */
async function openEngine(
	source: ChatModel,
	parts: Omit<LargeModelParts, 'runtime'> & { readonly runtime: () => Promise<GraphRuntime> },
	{ form: asked = 'auto', targets, signal }: LargeModelOptions,
): Promise<PolicyEngine> {
	const { spec, tokenizer, endTokens, weights: store } = source;
	const { chatTemplate: template, specialTokens, startTokens } = source;
	const language = {
		spec,
		tokenizer,
		endTokens,
		...renderOf({ chat: { template, specialTokens, startTokens } }),
	};
	const form = chooseWeightFormat(asked, parts.weights, spec, store.stored);
	if (form === 'kernel')
		return openKernelEngine({ ...language, kernel: await parts.kernel(), weights: store }, signal);
	const runtime = await parts.runtime();
	if (form !== 'f32')
		return createOnnxEngine({
			...language,
			runtime,
			weights: { form, store, ...(targets && { targets }) },
		});
	const tensors = new Map<string, Tensor>();
	for (const [name, shape] of weightShapes(spec)) {
		signal?.throwIfAborted();
		tensors.set(name, { shape, data: await store.floats(name, signal) });
	}
	return createOnnxEngine({ ...language, runtime, weights: tensors });
}
