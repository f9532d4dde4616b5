/** @file Frozen weights, one block at a time, in the format that memory allows. */
import { feedFloat, type Feed, type Feeds } from '#graph/runtime/runtime.ts';
import { fromF16, toF16 } from '#model/checkpoint/half.ts';
import { layerPrefix, withinLayer } from '#model/graphs/block-graphs.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';

/** Storage of the blocks' matrices between uses. */
export type FrozenForm =
	/** Ready to compute: fastest, 4 bytes a weight. */
	| 'F32'
	/** Rounded to 16 bits (exact for an F16 checkpoint) and widened at each use: 2 bytes a weight. */
	| 'F16'
	/** Not kept: read from the checkpoint and dequantised at each use. */
	| 'stored';

/** The frozen weights of a model's blocks. */
export interface FrozenBlocks {
	/** Weights of one layer, by their names within it. */
	feeds(layer: number, signal?: AbortSignal): Promise<Feeds>;
}

/** The values of one weight; throws if it is missing or misshapen. */
export async function frozenTensor(
	spec: ModelSpec,
	weights: WeightStore,
	name: string,
	signal?: AbortSignal,
): Promise<Float32Array> {
	const shape = weightShapes(spec).get(name);
	if (!shape || !weights.stored.has(name))
		throw new RangeError(`The checkpoint has no ${name}; use one that matches its config.`);
	const values = await weights.floats(name, signal);
	if (values.length !== sizeOf(shape))
		throw new RangeError(
			`${name} has ${values.length} values, not those of [${shape.join(', ')}]; use a checkpoint that matches its config.`,
		);
	return values;
}

/** Reads the weights that `form` keeps; at most one tensor is in two formats at a time. */
export async function frozenBlocks(
	spec: ModelSpec,
	weights: WeightStore,
	form: FrozenForm,
	signal?: AbortSignal,
): Promise<FrozenBlocks> {
	const shapes = weightShapes(spec);
	type Give = (now?: AbortSignal) => Promise<Feed> | Feed;
	const layers: Map<string, Give>[] = [];
	for (let layer = 0; layer < spec.layers; layer++) {
		const held = new Map<string, Give>();
		for (const [within, shape] of withinLayer(shapes, layer)) {
			signal?.throwIfAborted();
			const name = layerPrefix(layer) + within;
			// Norms and biases are few and small: always kept.
			if (form === 'stored' && shape.length > 1) {
				held.set(within, async (now) =>
					feedFloat(await frozenTensor(spec, weights, name, now), shape),
				);
				continue;
			}
			const values = await frozenTensor(spec, weights, name, signal);
			if (form === 'F16' && shape.length > 1) {
				const halves = toF16(values);
				held.set(within, () => feedFloat(fromF16(halves), shape));
			} else {
				const feed = feedFloat(values, shape);
				held.set(within, () => feed);
			}
		}
		layers.push(held);
	}
	return {
		feeds: async (layer, now) => {
			now?.throwIfAborted();
			const feeds: Record<string, Feed> = {};
			for (const [name, give] of layers[layer] ?? []) feeds[name] = await give(now);
			return feeds;
		},
	};
}
