/** @file A model of a file or folder on disk, opened in the terminal: it speaks and learns on onnxruntime-node. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, type PolicyEngine } from '#engines/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import type { FormName } from '#engines/onnx/speaking-forms.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Adapter } from '#model/adapter.ts';
import { renderChat, type ChatMessage } from '#model/chat-template.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readPeftAdapter, writePeftAdapter } from '#model/checkpoint/peft.ts';
import { openSpeakingModel, type SpeakingModel } from '#model/open-model.ts';
import type { ModelSpec } from '#model/spec.ts';
import { openFileSource, type OpenFile } from '#storage/sources/node-file.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients, type LayeredOptions } from '#training/layered-gradients.ts';
import type { TrainerFactory } from '#training/trainer.ts';
import { speakingWeights } from './speaking-weights.ts';

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
	/** A conversation as text; undefined where the model has no chat template. */
	readonly write: ((turns: readonly ChatMessage[], open: boolean) => string) | undefined;
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
	const files = await openFiles(path);
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
		const { spec, tokenizer, chatTemplate: template, specialTokens } = source;
		const write =
			template === undefined
				? undefined
				: (turns: readonly ChatMessage[], open: boolean): string =>
						renderChat(template, turns, { addGenerationPrompt: open, specialTokens });
		return {
			source,
			write,
			openEngine: async (stop) => {
				const weights = await speakingWeights(source, { place: 'node', form, signal: stop }).catch(
					(error: unknown) => {
						throw asEngineError(error);
					},
				);
				const render = write && { render: (turns: readonly ChatMessage[]) => write(turns, true) };
				const engine = createOnnxEngine({
					runtime: running,
					spec,
					weights,
					tokenizer,
					endTokens: source.endTokens,
					...render,
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
		throw asEngineError(error);
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
		throw asEngineError(error);
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

async function openFiles(path: string): Promise<readonly OpenFile[]> {
	const found = await stat(path).catch((cause: unknown) => {
		throw new EngineError(
			'bad-model',
			`There is no model at ${path}; give a .gguf file or a folder with config.json, tokenizer.json and .safetensors.`,
			{ cause },
		);
	});
	if (!found.isDirectory()) return [await openFileSource(path)];
	const entries = await readdir(path, { withFileTypes: true });
	// A link to a file is one: caches of the hub are made of links.
	const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
	const open: OpenFile[] = [];
	try {
		for (const name of names.sort()) open.push(await openFileSource(join(path, name)));
		return open;
	} catch (error) {
		for (const file of open) await file.close();
		throw asEngineError(error);
	}
}

/** Of the file a person named: the remedies for a stored run would mislead. */
const asEngineError = (error: unknown): unknown =>
	error instanceof CheckpointError
		? new EngineError('bad-model', error.message, { cause: error })
		: error;
