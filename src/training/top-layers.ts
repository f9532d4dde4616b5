/** @file Training of the last layers alone: which tensors of a LoRA a step moves. */
import { layerPrefix } from '#model/graphs/block-graphs.ts';
import type { Parameters } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';

/** Layers that learn, at least one. Throws a `RangeError` if it is not all of them and not a LoRA that learns. */
export function topLayersOf(
	{ layers }: Pick<ModelSpec, 'layers'>,
	{ kind }: Pick<Parameters, 'kind'>,
	share = 1,
): number {
	const top = Math.max(1, Math.round(share * layers));
	if (top === layers || kind === 'lora') return top;
	throw new RangeError('Only a LoRA can leave the lower layers as they are; train all of them.');
}

/** Whether a tensor belongs to a layer below the last ones. */
export function isBelowTop(
	{ layers }: Pick<ModelSpec, 'layers'>,
	topLayers: number,
): (name: string) => boolean {
	const below = Array.from({ length: layers - topLayers }, (_, layer) => layerPrefix(layer));
	return (name) => below.some((prefix) => name.startsWith(prefix));
}
