/** @file A model of a file or folder on disk, opened in the terminal: it speaks and learns on onnxruntime-node. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicyEngine } from '#engines/engine.ts';
import type { FormName } from '#engines/weight-formats.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Adapter } from '#model/adapter.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readPeftAdapter, writePeftAdapter } from '#model/checkpoint/peft.ts';
import { openSpeakingModel, type SpeakingModel } from '#model/open-model.ts';
import type { ModelSpec } from '#model/spec.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients, type LayeredOptions } from '#training/layered/layered-gradients.ts';
import type { TrainerFactory } from '#training/trainer.ts';
import { asModelError, openModelPath } from './node-files.ts';
import { openSpeakingEngine } from './inference-engine.ts';

/** Options of `openNodeModel`. */
export interface NodeModelOptions {
	/** Threads of ONNX Runtime; by default up to four. */
	readonly threads?: number | undefined;
	/** In which form the weights are held while it speaks; by default what is measured to be best. */
	readonly form?: FormName | undefined;
	readonly signal?: AbortSignal;
}

/** An open model; nothing of its weights is in memory before the engine or a trainer is opened. */
export interface NodeModel {
	readonly source: SpeakingModel;
	/** Opens what speaks; its `description` says in which form the weights are held. */
	openEngine(signal?: AbortSignal): Promise<PolicyEngine>;
	/** LoRA, layer by layer. */
	trainer(options: LayeredOptions): TrainerFactory;
	/** Closes what was opened of it, and the files. */
	dispose(): Promise<void>;
}

/** Opens a `.gguf` file, a folder of Hugging Face, or a checkpoint of llama2.c. */
export async function openNodeModel(
	path: string,
	options: NodeModelOptions = {},
): Promise<NodeModel> {
	const { threads, form, signal } = options;
	const files = await openModelPath(path);
	let runtime: GraphRuntime | undefined;
	const engines: PolicyEngine[] = [];
	const close = async (): Promise<void> => {
		for (const engine of engines) await engine.dispose();
		await runtime?.dispose();
		for (const file of files) await file.close();
	};
	try {
		const source = await openSpeakingModel(files, signal ? { signal } : {});
		// Loaded late: a wrong file must not wait for it.
		const { openNodeRuntime } = await import('#graph/runtime/node.ts');
		const running = (runtime = openNodeRuntime(threads));
		const { spec } = source;
		return {
			source,
			openEngine: async (stop) => {
				const engine = await openSpeakingEngine(source, {
					place: 'node',
					form,
					signal: stop,
					runtime: () => Promise.resolve(running),
					kernel: async () => (await import('#kernel/node.ts')).openNodeKernel(threads),
				}).catch((error: unknown) => {
					throw asModelError(error);
				});
				engines.push(engine);
				return engine;
			},
			trainer: (layered) =>
				openGradientTrainer(spec, new Map(), layeredGradients(running, source.weights, layered)),
			dispose: close,
		};
	} catch (error) {
		await close();
		throw asModelError(error);
	}
}

/** The adapter in a folder of PEFT, checked against the model. */
export async function readAdapterFolder(
	folder: string,
	spec: ModelSpec,
	signal?: AbortSignal,
): Promise<Adapter> {
	const read = async (name: string): Promise<Uint8Array> => {
		try {
			return new Uint8Array(await readFile(join(folder, name)));
		} catch (cause) {
			throw new CheckpointError(
				`${join(folder, name)} cannot be read; give a folder with adapter_config.json and adapter_model.safetensors.`,
				{ cause },
			);
		}
	};
	try {
		return await readPeftAdapter(read, spec, signal ? { signal } : {});
	} catch (error) {
		throw asModelError(error);
	}
}

/** Writes an adapter as PEFT loads it; the folder is made where it is missing. */
export async function writeAdapterFolder(
	folder: string,
	adapter: Adapter,
	baseModel: string,
): Promise<void> {
	await mkdir(folder, { recursive: true });
	for (const [name, bytes] of writePeftAdapter(adapter, { baseModel }))
		await writeFile(join(folder, name), bytes);
}
