/** @file How much runs at once: small enough that an abort is felt within a second and that the memory of a tab holds it. */
import { parameterCount } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';

export interface RunLimits {
	/** Tokens of one run before an answer. */
	readonly chunk: number;
	/** Of them in one sequence: attention grows with their product with the context. */
	readonly columns: number;
	/** Sequences that are cached at a time on one worker; each may reach `tokens`. */
	rows(tokens: number): number;
}

/** What one core of a modest machine computes in about a second, in floating-point operations. */
const operationsPerSecond = 20e9;
/** Bytes of one copy of the keys and values on all workers; the run-time holds two more while it runs. */
const cacheBytes = 256 * 2 ** 20;
/** Bytes of the logits of one run. */
const logitBytes = 64 * 2 ** 20;

/** Bytes of a token's keys and values. */
export const cachedTokenBytes = ({ layers, keyValueHeads, headSize }: ModelSpec): number =>
	2 * layers * keyValueHeads * headSize * 4;

/** Limits for a model on so many workers, from its sizes alone, so that they are the same on every machine. */
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
