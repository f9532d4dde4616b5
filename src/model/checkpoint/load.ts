/** @file A model from a folder with `config.json`, `model.safetensors` and `tokenizer.json`. */
import { readSpec, weightShapes, type ModelSpec } from '../spec.ts';
import type { Tensor, TensorMap } from '../tensor.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { tokenizerOf } from '../tokenizers/tokenizer-json.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { parseJson } from './json.ts';
import { readSafetensors } from './safetensors.ts';

/** Gives the bytes of one file of the folder, or rejects. */
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
	// The small files first: a model we cannot run is refused before its weights are fetched.
	const spec = readSpec(parseJson(await read('config.json'), 'config.json'));
	signal?.throwIfAborted();
	const json = parseJson(await read('tokenizer.json'), 'tokenizer.json');
	const tokenizer = await tokenizerOf(json, spec);
	signal?.throwIfAborted();
	const bytes = await read('model.safetensors');
	signal?.throwIfAborted();
	return { spec, weights: readWeights(bytes, spec), tokenizer };
}

/** Exactly the weights of the model, in the order of `weightShapes`; others in the file are left out. */
export function readWeights(
	bytes: Uint8Array,
	spec: ModelSpec,
	file = 'model.safetensors',
): TensorMap {
	return pickTensors(readSafetensors(bytes, file).tensors, weightShapes(spec), file);
}

/** The tensors of these names and shapes; the message names the first that is missing or has another shape. */
export function pickTensors(
	tensors: TensorMap,
	shapes: ReadonlyMap<string, readonly number[]>,
	file: string,
): TensorMap {
	const picked = new Map<string, Tensor>();
	for (const [name, shape] of shapes) {
		const tensor = tensors.get(name);
		if (!tensor)
			throw new CheckpointError(`${file}: tensor "${name}" [${shape.join(', ')}] is missing.`);
		if (tensor.shape.join() !== shape.join())
			throw new CheckpointError(
				`${file}: tensor "${name}" has shape [${tensor.shape.join(', ')}], but config.json asks for [${shape.join(', ')}].`,
			);
		picked.set(name, tensor);
	}
	return picked;
}
