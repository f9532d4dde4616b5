/**
 * @file A model of the library, opened: its engine speaks with the chat template, its trainer goes layer by layer.
 * Weights are read from the files as they are needed, never all files at once.
 */
import { EngineError } from '#engines/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Place } from '#engines/onnx/speaking-forms.ts';
import { loraTargets } from '#model/adapter.ts';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { openSpeakingModel } from '#model/open-model.ts';
import { weightShapes, type ModelSpec } from '#model/spec.ts';
import { sizeOf } from '#model/tensor.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients } from '#training/layered-gradients.ts';
import type { OpenModel } from './platform.ts';
import { renderOf } from './render.ts';
import { speakingWeights } from './speaking-weights.ts';

/** Files that stay open as long as the model does. */
export interface HeldFiles {
	readonly files: readonly ByteSource[];
	close(): Promise<void>;
}

/** Opens a model over its files; `openRuntime`, of that place, is told how many bytes its weights have as F32. */
export async function openLibraryModel(
	held: HeldFiles,
	place: Place,
	openRuntime: (bytes: number) => Promise<GraphRuntime>,
): Promise<OpenModel> {
	let runtime: GraphRuntime | undefined;
	try {
		const source = await openSpeakingModel(held.files);
		const { spec, tokenizer, endTokens } = source;
		const { chatTemplate: template, specialTokens, startTokens } = source;
		const chat = { template, specialTokens, startTokens };
		const running = (runtime = await openRuntime(4 * parametersOf(spec)));
		const engine = createOnnxEngine({
			runtime: running,
			spec,
			// Any LoRA can then come and go without the weights being read again.
			weights: await speakingWeights(source, { place, targets: loraTargets }),
			tokenizer,
			endTokens,
			...renderOf({ chat }),
		});
		return {
			engine: {
				...engine,
				dispose: async () => {
					await engine.dispose();
					await running.dispose();
					await held.close();
				},
			},
			// Half the memory of F32, and exact for what is stored in 16 bits.
			openTrainer: openGradientTrainer(
				spec,
				new Map(),
				layeredGradients(running, source.weights, { frozen: 'F16' }),
			),
			tokenizer,
			spec,
			tokenizerFiles: new Map(),
			description: `onnx, layer by layer, ${running.description}`,
			chat,
		};
	} catch (error) {
		await runtime?.dispose();
		await held.close();
		if (!(error instanceof CheckpointError)) throw error;
		throw new EngineError('bad-model', error.message, { cause: error });
	}
}

const parametersOf = (spec: ModelSpec): number =>
	[...weightShapes(spec).values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
