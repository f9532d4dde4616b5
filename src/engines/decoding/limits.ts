/** @file Batch and chunk limits: small enough that an abort takes effect within a second and memory fits in a tab. */
import type { KvType } from '#base/limits.ts';
import { parameterCount } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { rowWords } from './cached-tokens.ts';

export interface RunLimits {
	/** Tokens of one prefill run. */
	readonly chunk: number;
	/** Tokens of one sequence in a run: attention cost grows with their product with the context. */
	readonly columns: number;
	/** Cached sequences per worker, each of up to `tokens` tokens. */
	rows(tokens: number): number;
}

/** Floating-point operations that one core of a modest machine does in about a second. */
const operationsPerSecond = 20e9;
/** Bytes of one copy of the KV cache over all workers; the runtime holds two more while it runs. */
const cacheBytes = 256 * 2 ** 20;
/** Bytes of the logits of one run. */
const logitBytes = 64 * 2 ** 20;

/** Bytes of a token's keys and values. */
export const cachedTokenBytes = (
	{ layers, keyValueHeads, headSize }: ModelSpec,
	type: KvType = 'f32',
): number => 2 * layers * keyValueHeads * rowWords(type, headSize) * 4;

/** Limits for a model on `workers` workers, from its sizes alone, so that they are equal on every machine. */
export function runLimits(spec: ModelSpec, workers: number): RunLimits {
	const parameters = parameterCount(spec);
	const computed = (0.8 * operationsPerSecond) / (2 * parameters);
	const held = logitBytes / (4 * spec.vocabularySize);
	const chunk = Math.max(8, 8 * Math.floor(Math.min(2048, computed, held) / 8));
	return {
		chunk,
		columns: Math.min(512, chunk),
		rows: (tokens) => {
			const fit = Math.floor(cacheBytes / (workers * tokens * cachedTokenBytes(spec)));
			return Math.max(1, Math.min(parameters > 5e7 ? 32 : 128, fit));
		},
	};
}
