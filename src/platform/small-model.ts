/** @file Small model, loaded whole from a folder: ONNX Runtime runs its graphs, and trains it unless another trainer is chosen. */
import { BackendError } from '#base/backend-error.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import { loadModel, type ReadFile } from '#model/checkpoint/load.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import type { OpenGradients } from '#training/gradients.ts';
import { layeredInputGradients } from '#training/layered/layered-gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import type { OpenModel } from './platform.ts';
import { shareEngine } from './shared-engine.ts';

/** A trainer other than the runtime itself. */
export interface TrainerChoice {
	/** For people: `tfjs, WebGPU`. */
	readonly description: string;
	readonly open: OpenGradients;
}

/** Loads the folder, then opens the runtime. */
export async function openSmallModel(
	name: string,
	read: ReadFile,
	openRuntime: () => Promise<GraphRuntime>,
	trainer?: TrainerChoice,
): Promise<OpenModel> {
	const files = new Map<string, Uint8Array>();
	const { spec, weights, tokenizer } = await loadModel(async (file) => {
		const bytes = await read(file);
		if (file.startsWith('tokenizer')) files.set(file, bytes);
		return bytes;
	});
	const runtime = await openRuntime().catch((cause: unknown) => {
		if (cause instanceof BackendError) throw cause;
		throw new BackendError(
			'not-available',
			`ONNX Runtime did not start (${cause instanceof Error ? cause.message : String(cause)}); reload, or try another browser.`,
			{ cause },
		);
	});
	const engine = createOnnxEngine({ runtime, spec, weights, tokenizer });
	return {
		name,
		engine: shareEngine(engine),
		openTrainer: openGradientTrainer(
			spec,
			weights,
			trainer?.open ?? ((...model) => openOnnxGradients(runtime, ...model)),
		),
		// On the runtime, whatever trains.
		openInputGradients: layeredInputGradients(runtime, spec, tensorStore(weights)),
		tokenizer,
		spec,
		tokenizerFiles: files,
		description: trainer?.description ?? `onnx, ${runtime.description}`,
		dispose: async () => {
			await engine.dispose();
			await runtime.dispose();
		},
	};
}
