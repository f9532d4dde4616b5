/**
 * @file Loader of a small model, whole in memory, from a folder with `config.json`, `model.safetensors` and
 * `tokenizer.json`, each fetched by name. User models are opened by `open.ts`, which leaves weights in their files.
 */
import { readSpec, weightShapes } from '../spec.ts';
import { type ModelSpec } from '../model-spec.ts';
import type { TensorMap } from '../tensor.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { tokenizerOf } from '../tokenizers/tokenizer-json.ts';
import { parseJson } from './json.ts';
import { pickTensors } from './pick.ts';
import { readSafetensors } from './safetensors/safetensors.ts';

/** Returns the bytes of one file of the folder, or rejects. */
export type ReadFile = (name: string) => Promise<Uint8Array>;

/** Everything needed to run a model. */
export interface Model {
	readonly spec: ModelSpec;
	readonly weights: TensorMap;
	readonly tokenizer: TextTokenizer;
}

/** Loads and checks a model. */
export async function loadModel(
	read: ReadFile,
	options: { readonly signal?: AbortSignal } = {},
): Promise<Model> {
	const { signal } = options;
	// Small files first: an unsupported model is refused before its weights are fetched.
	const spec = readSpec(parseJson(await read('config.json'), 'config.json'));
	signal?.throwIfAborted();
	const json = parseJson(await read('tokenizer.json'), 'tokenizer.json');
	const tokenizer = await tokenizerOf(json, spec);
	signal?.throwIfAborted();
	const bytes = await read('model.safetensors');
	signal?.throwIfAborted();
	return { spec, weights: readWeights(bytes, spec), tokenizer };
}

/** Exactly the weights of the model, in the order of `weightShapes`; others in the file are ignored. */
export function readWeights(
	bytes: Uint8Array,
	spec: ModelSpec,
	file = 'model.safetensors',
): TensorMap {
	return pickTensors(readSafetensors(bytes, file).tensors, weightShapes(spec), file);
}
