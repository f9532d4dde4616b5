/** @file A model folder opened on ONNX Runtime: one runtime speaks and learns with the same weights. */
import { EngineError } from '#engines/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import { loadModel, type ReadFile } from '#model/checkpoint/load.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { openOnnxGradients } from '#training/onnx-gradients.ts';
import type { OpenModel } from './platform.ts';

/** Loads the folder, then opens the runtime; closing the engine closes it. */
export async function openOnnxModel(
	read: ReadFile,
	openRuntime: () => Promise<GraphRuntime>,
	note?: string,
): Promise<OpenModel> {
	const files = new Map<string, Uint8Array>();
	const { spec, weights, tokenizer } = await loadModel(async (name) => {
		const bytes = await read(name);
		if (name.startsWith('tokenizer')) files.set(name, bytes);
		return bytes;
	});
	const runtime = await openRuntime().catch((cause: unknown) => {
		if (cause instanceof EngineError) throw cause;
		throw new EngineError(
			'not-available',
			`ONNX Runtime did not start (${cause instanceof Error ? cause.message : String(cause)}); reload, or try another browser.`,
			{ cause },
		);
	});
	const engine = createOnnxEngine({ runtime, spec, weights, tokenizer });
	return {
		engine: {
			...engine,
			dispose: async () => {
				await engine.dispose();
				await runtime.dispose();
			},
		},
		openTrainer: openGradientTrainer(spec, weights, (...model) =>
			openOnnxGradients(runtime, ...model),
		),
		tokenizer,
		spec,
		tokenizerFiles: files,
		description: `onnx, ${runtime.description}`,
		...(note !== undefined && { note }),
	};
}
