/** @file The shape of Qwen3-0.6B with random weights: how fast a model is does not depend on what it knows. */
import { random } from '#base/random.ts';
import { bytesOf } from '#model/checkpoint/gguf/tensor-types.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { weightShapes } from '#model/spec.ts';
import type { StoredWeight, WeightStore } from '#model/weight-store.ts';

export const qwenShape: ModelSpec = {
	architecture: 'Qwen3ForCausalLM',
	vocabularySize: 151_936,
	hiddenSize: 1024,
	intermediateSize: 3072,
	layers: 28,
	heads: 16,
	keyValueHeads: 8,
	headSize: 128,
	normEpsilon: 1e-6,
	ropeTheta: 1_000_000,
	rope: Array.from({ length: 28 }, () => true),
	tiedEmbeddings: true,
	attentionBias: false,
	queryKeyNorm: true,
	contextLength: 4096,
	endToken: 1,
	padToken: 0,
};

/** Blocks of 32 values: a scale of 16 bits (here about 0.01), then the values. */
export function randomWeights(spec: ModelSpec, form: 'Q8_0' | 'Q4_0'): WeightStore {
	const blockBytes = bytesOf(form, 32);
	const stream = random(1);
	const pattern = new Uint8Array(1024 * blockBytes).map(() => stream.integer(0, 255));
	for (let at = 0; at < pattern.length; at += blockBytes) pattern.set([0x1f, 0x21], at);
	const stored = new Map(
		[...weightShapes(spec)].map(([name, shape]): [string, StoredWeight] => [
			name,
			{ shape, form: shape.length === 2 ? form : 'F32' },
		]),
	);
	const shapeOf = (name: string): readonly number[] => stored.get(name)?.shape ?? [];
	return {
		stored,
		raw: (name) => {
			const [rows = 1, columns = 1] = shapeOf(name);
			const bytes = new Uint8Array(bytesOf(form, rows * columns));
			for (let at = 0; at < bytes.length; at += pattern.length)
				bytes.set(pattern.subarray(0, bytes.length - at), at);
			return Promise.resolve(bytes);
		},
		floats: (name) => Promise.resolve(new Float32Array(shapeOf(name)[0] ?? 0).fill(1)),
	};
}
