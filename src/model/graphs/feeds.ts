/** @file Weights and positions as feeds of a graph run. */
import { feedFloat, type Feeds } from '#graph/runtime/runtime.ts';
import { inverseFrequencies } from '../rope.ts';
import type { ModelSpec } from '../model-spec.ts';
import type { TensorMap } from '../tensor.ts';
import { rotaryAngles } from './masks.ts';

export const tensorFeeds = (tensors: TensorMap): Feeds =>
	Object.fromEntries([...tensors].map(([name, t]) => [name, feedFloat(t.data, t.shape)]));

/** cos and sin [T, 1, S/2] for positions 0..T-1; nothing for a model without positions. */
export function angleFeeds(spec: ModelSpec, steps: number): Feeds {
	if (!spec.rope.some(Boolean)) return {};
	const positions = Array.from({ length: steps }, (_, i) => i);
	const { cos, sin } = rotaryAngles(positions, inverseFrequencies(spec));
	const shape = [steps, 1, spec.headSize / 2];
	return { cos: feedFloat(cos, shape), sin: feedFloat(sin, shape) };
}
