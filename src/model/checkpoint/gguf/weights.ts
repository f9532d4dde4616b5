/** @file The weights of a GGUF model by their Hugging Face names. */
import { weightShapes } from '../../spec.ts';
import { type ModelSpec } from '../../model-spec.ts';
import type { WeightStore } from '../../weight-store.ts';
import type { ByteSource } from '../byte-source.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { wantTensor } from '../pick.ts';
import { placedWeights, type PlacedWeight } from '../row-reader.ts';
import type { GgufHeader } from './header.ts';
import { ggufName, isInterleaved } from './names.ts';

/** Tensors that hold settings, not weights. */
export const ropeFactorTensor = 'rope_freqs.weight';

/** Exactly the weights of the spec; missing, extra or misshapen ones are refused. */
export function ggufWeights(
	source: ByteSource,
	{ tensors }: GgufHeader,
	spec: ModelSpec,
): WeightStore {
	const placed = new Map<string, PlacedWeight>();
	const used = new Set([ropeFactorTensor]);
	for (const [name, shape] of weightShapes(spec)) {
		const stored = ggufName(name) ?? name;
		const tensor = wantTensor(tensors.get(stored), [stored, shape], source.name, 'the metadata');
		used.add(stored);
		placed.set(name, {
			shape,
			form: tensor.form,
			source,
			from: tensor.from,
			...(isInterleaved(spec.architecture, name) ? { headSize: spec.headSize } : {}),
		});
	}
	for (const name of tensors.keys())
		if (!used.has(name))
			throw new CheckpointError(
				`${source.name}: tensor "${name}" is not part of ${spec.architecture} as it is run here; use a model without it.`,
			);
	return placedWeights(placed);
}
