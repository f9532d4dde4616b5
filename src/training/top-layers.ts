/** @file Training of the last layers alone, over back ends that go through the whole model: the same result, no faster. */
import { layerPrefix } from '#model/graphs/block-graphs.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { OpenGradients } from './gradients.ts';

/** Layers that learn, at least one. */
export const topLayersOf = ({ layers }: Pick<ModelSpec, 'layers'>, share: number): number =>
	Math.max(1, Math.round(share * layers));

/** A back end whose gradients are zero below the top layers. Rejects with a `RangeError` for anything but a LoRA. */
export const topLayersOnly =
	(open: OpenGradients, topLayers: number): OpenGradients =>
	async (spec, base, parameters) => {
		if (parameters.kind !== 'lora')
			throw new RangeError(
				'Only a LoRA can leave the lower layers as they are; train all of them.',
			);
		const backend = await open(spec, base, parameters);
		const below = Array.from({ length: spec.layers - topLayers }, (_, layer) => layerPrefix(layer));
		return {
			description: backend.description,
			split: (batch) => backend.split?.(batch) ?? [batch],
			logprobs: (...asked) => backend.logprobs(...asked),
			dispose: () => backend.dispose(),
			gradients: async (...asked) => {
				const { loss, gradients } = await backend.gradients(...asked);
				const kept = [...gradients].map(([name, values]) => {
					const isBelow = below.some((prefix) => name.startsWith(prefix));
					return [name, isBelow ? new Float32Array(values.length) : values] as const;
				});
				return { loss, gradients: new Map(kept) };
			},
		};
	};
