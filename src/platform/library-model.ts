/**
 * @file A model of the library, opened: its engine speaks with the chat template, its trainer goes layer by layer.
 * Weights are read from the files as they are needed, never all files at once.
 */
import { BackendError } from '#base/backend-error.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { Place } from '#engines/weight-formats.ts';
import { loraTargets } from '#model/adapter.ts';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { openSpeakingModel } from '#model/open-model.ts';
import { parameterCount } from '#model/spec.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients } from '#training/layered/layered-gradients.ts';
import { ownKernelGradients } from './backends/kernel-trainer.ts';
import type { OpenModel } from './platform.ts';
import { openSpeakingEngine } from './inference-engine.ts';

/** Files that stay open as long as the model does. */
export interface HeldFiles {
	readonly files: readonly ByteSource[];
	close(): Promise<void>;
}

/** How the back ends of a place are opened; the runtime is told how many bytes the weights have as F32. */
export interface LibraryBackends {
	readonly place: Place;
	readonly runtime: (bytes: number) => Promise<GraphRuntime>;
	readonly kernel: () => Promise<Kernel>;
}

/** Opens a model over its files, which it closes. */
export async function openLibraryModel(
	held: HeldFiles,
	{ place, runtime: openRuntime, kernel }: LibraryBackends,
): Promise<OpenModel> {
	let opened: Promise<GraphRuntime> | undefined;
	const close = async (): Promise<void> => {
		await opened?.then((runtime) => runtime.dispose()).catch(() => undefined);
		await held.close();
	};
	try {
		const source = await openSpeakingModel(held.files);
		const { spec, tokenizer, weights } = source;
		const { chatTemplate: template, specialTokens, startTokens } = source;
		const runtime = (): Promise<GraphRuntime> => (opened ??= openRuntime(4 * parameterCount(spec)));
		// Any LoRA can then come and go without the weights being read again.
		const engine = await openSpeakingEngine(source, {
			place,
			runtime,
			kernel,
			targets: loraTargets,
		});
		return {
			engine: {
				...engine,
				dispose: async () => {
					await engine.dispose();
					await close();
				},
			},
			openTrainer: openGradientTrainer(spec, new Map(), async (...model) =>
				place === 'wasm'
					? ownKernelGradients(kernel, weights)(...model)
					: // Half the memory of F32, and exact for what is stored in 16 bits.
						layeredGradients(await runtime(), weights, { frozen: 'F16' })(...model),
			),
			tokenizer,
			spec,
			tokenizerFiles: new Map(),
			description: place === 'wasm' ? 'kernel, layer by layer' : 'onnx, layer by layer',
			chat: { template, specialTokens, startTokens },
		};
	} catch (error) {
		await close();
		if (!(error instanceof CheckpointError)) throw error;
		throw new BackendError('bad-model', error.message, { cause: error });
	}
}
