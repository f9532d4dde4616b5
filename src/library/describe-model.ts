/** @file Model description from its small files and headers alone, read by range requests before anything is downloaded. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { parseJson } from '#model/checkpoint/json.ts';
import { openModelFiles } from '#model/checkpoint/open.ts';
import {
	readShardIndex,
	safetensorsWeights,
} from '#model/checkpoint/safetensors/safetensors-store.ts';
import { readWhole } from '#model/checkpoint/sources/memory.ts';
import { parameterCount, readSpec } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { WeightForm, WeightStore } from '#model/weight-store.ts';
import type { ModelFacts } from '#storage/library/library.ts';

export interface Described {
	readonly spec: ModelSpec;
	readonly facts: ModelFacts;
	/** As the files state it. */
	readonly licence?: string;
}

const configLimit = 16 << 20;

/** Reads headers; refuses what cannot be run here, with its reason. */
export async function describeHeaders(
	files: readonly ByteSource[],
	signal?: AbortSignal,
): Promise<Described> {
	const named = (name: string) => files.find((file) => file.name === name);
	const config = named('config.json');
	if (!config) {
		const { spec, weights, licence } = await openModelFiles(files, signal ? { signal } : {});
		return describe(spec, weights, licence);
	}
	// Not through openModelFiles: it reads the whole tokenizer, which is megabytes.
	if (!named('tokenizer.json'))
		throw new CheckpointError('tokenizer.json is missing; choose a model that has one.');
	const spec = readSpec(parseJson(await readWhole(config, configLimit, signal), 'config.json'));
	const index = named('model.safetensors.index.json');
	const shards = index && (await readShardIndex(index, signal));
	const weights = await safetensorsWeights(
		files.filter(({ name }) => name.endsWith('.safetensors')),
		spec,
		{ ...(shards ? { shards } : {}), ...(signal ? { signal } : {}) },
	);
	return describe(spec, weights);
}

/** Of an opened model. */
export function describe(spec: ModelSpec, { stored }: WeightStore, licence?: string): Described {
	const values = new Map<WeightForm, number>();
	for (const { form, shape } of stored.values())
		values.set(form, (values.get(form) ?? 0) + sizeOf(shape));
	const [most] = [...values].sort((a, b) => b[1] - a[1]);
	return {
		spec,
		facts: {
			architecture: spec.architecture,
			parameters: parameterCount(spec),
			contextLength: spec.contextLength,
			form: most?.[0] ?? 'F32',
		},
		...(licence === undefined ? {} : { licence }),
	};
}
