/** @file Token by token with a key-value cache: any model, any sampling; streaming is a batch of one. */
import type { Random } from '#base/random.ts';
import {
	feedFloat,
	feedInt,
	floats,
	type Feeds,
	type GraphSession,
} from '#graph/runtime/runtime.ts';
import { cachedCausalMask, rotaryAngles } from '#model/graphs/masks.ts';
import { inverseFrequencies } from '#model/rope.ts';
import type { ModelSpec } from '#model/spec.ts';
import type { LeftPadded } from './batch.ts';
import type { TokenPiece } from '../engine.ts';
import type { OpenAnswer } from './open-answer.ts';
import { sample, type SamplingOptions } from './sampling.ts';

/** One row of a batch: its answer so far, and the chance it draws from. */
export interface OpenRow {
	readonly answer: OpenAnswer;
	readonly stream: Random;
}

/** Adds a token to every answer that is still open, step by step; gives the pieces that are settled, by row. */
export async function* decodeBySteps(
	session: GraphSession,
	spec: ModelSpec,
	batch: LeftPadded,
	options: SamplingOptions & { readonly maxTokens: number },
	open: readonly OpenRow[],
	signal?: AbortSignal,
): AsyncGenerator<readonly (readonly TokenPiece[])[], void> {
	const { rows } = batch;
	const size = rows.length;
	// WebGPU takes no empty tensors, so the cache starts with one slot of padding that nobody sees.
	const padding = batch.padding.map((pads) => pads + 1);
	let ids = batch.ids;
	let seen = 1;
	let past: Feeds = Object.fromEntries(
		Array.from({ length: 2 * spec.layers }, (_, i) => [
			`past/${i}`,
			feedFloat(new Float32Array(size * spec.keyValueHeads * spec.headSize), [
				size,
				spec.keyValueHeads,
				1,
				spec.headSize,
			]),
		]),
	);

	for (let made = 0; made < options.maxTokens && !signal?.aborted; made++) {
		const steps = ids.length / size;
		const all = seen + steps;
		const mask = cachedCausalMask(padding, seen, steps);
		const outputs = await session.run(
			{
				...past,
				ids: feedInt(ids, [size, steps]),
				mask: feedFloat(mask, [size, 1, steps, all]),
				rows: feedInt(
					Int32Array.from(rows, (_, b) => b * steps + steps - 1),
					[size],
				),
				...angles(spec, padding, seen, steps),
			},
			signal,
		);
		const logits = floats(outputs, 'logits');
		const V = spec.vocabularySize;
		const next = new Int32Array(size).fill(spec.padToken);
		yield open.map(({ answer, stream }, b) => {
			if (answer.ended) return [];
			const row = logits.subarray(b * V, (b + 1) * V);
			const choice = sample(row, options, stream, answer.limits());
			next[b] = choice.token;
			return answer.take(choice);
		});
		if (open.every(({ answer }) => answer.ended)) return;
		ids = next;
		seen = all;
		past = Object.fromEntries(
			Object.entries(outputs)
				.filter(([name]) => name.startsWith('present/'))
				.map(([name, feed]) => [name.replace('present', 'past'), feed]),
		);
	}
}

function angles(spec: ModelSpec, padding: readonly number[], seen: number, steps: number): Feeds {
	if (!spec.rope.some(Boolean)) return {};
	// A row's positions count from its first real token.
	const positions = padding.flatMap((pads) =>
		Array.from({ length: steps }, (_, i) => Math.max(0, seen + i - pads)),
	);
	const { cos, sin } = rotaryAngles(positions, inverseFrequencies(spec));
	const shape = [padding.length, steps, 1, spec.headSize / 2];
	return { cos: feedFloat(cos, shape), sin: feedFloat(sin, shape) };
}
