/** @file A whole batch in one graph run (`loopGraph`): greedy or tempered. */
import { derive, random } from '#base/random.ts';
import { feedFloat, feedInt, feedLong, floats } from '#graph/runtime/runtime.ts';
import type { Feeds, GraphSession } from '#graph/runtime/runtime.ts';
import { angleFeeds } from '#model/graphs/feeds.ts';
import { keyMask, paddedCausalMask } from '#model/graphs/masks.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { fillGumbel } from '../decoding/sampling.ts';
import type { LeftPadded } from './batch.ts';

/** Tokens and their log-probabilities for each row, end token included. */
export type Decoded = readonly { readonly tokens: number[]; readonly logprobs: number[] }[];

export async function decodeInLoop(
	session: GraphSession,
	spec: ModelSpec,
	batch: LeftPadded,
	options: {
		readonly maxTokens: number;
		readonly temperature: number;
		readonly seed: number;
		readonly endTokens: ReadonlySet<number>;
	},
	signal?: AbortSignal,
): Promise<Decoded> {
	const { rows, length, ids, padding } = batch;
	const size = rows.length;
	const { vocabularySize: V } = spec;
	const noise = new Float32Array(options.temperature > 0 ? options.maxTokens * size * V : 0);
	if (options.temperature > 0)
		rows.forEach((row, b) => {
			const stream = random(derive(options.seed, row.index));
			for (let m = 0; m < options.maxTokens; m++) fillGumbel(noise, (m * size + b) * V, V, stream);
		});
	const outputs = await session.run(
		{
			ids: feedInt(ids, [size, length]),
			mask: feedFloat(paddedCausalMask(padding, length), [size, 1, length, length]),
			keyMask: feedFloat(keyMask(padding, length), [size, 1, 1, length]),
			steps: feedLong(options.maxTokens),
			...places(spec, batch, options.maxTokens),
			...(options.temperature > 0
				? {
						inverseTemperature: feedFloat(Float32Array.of(1 / options.temperature), []),
						noise: feedFloat(noise, [options.maxTokens, size, V]),
					}
				: {}),
		},
		signal,
	);
	const tokens = outputs['tokens'];
	if (!(tokens?.data instanceof BigInt64Array)) throw new Error('the graph gave no tokens');
	const logprobs = floats(outputs, 'logprobs');
	const steps = tokens.shape[0] ?? 0;
	const data = tokens.data;
	return rows.map((_, b) => {
		const row = { tokens: [] as number[], logprobs: [] as number[] };
		for (let m = 0; m < steps; m++) {
			const token = Number(data[m * size + b]);
			row.tokens.push(token);
			row.logprobs.push(logprobs[m * size + b] ?? NaN);
			if (options.endTokens.has(token)) break;
		}
		return row;
	});
}

/** Positions of each row from its first real token; the rotary tables reach the last one that it may write. */
function places(spec: ModelSpec, { length, padding }: LeftPadded, maxTokens: number): Feeds {
	if (!spec.rope.some(Boolean)) return {};
	const positions = Int32Array.from({ length: padding.length * length }, (_, i) =>
		Math.max(0, (i % length) - (padding[Math.floor(i / length)] ?? 0)),
	);
	return {
		positions: feedInt(positions, [padding.length, length]),
		...angleFeeds(spec, length + maxTokens),
	};
}
