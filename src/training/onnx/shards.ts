/** @file Shards: rows of a batch of similar length that run together with little padding. */
import type { TokenBatch } from '../trainer.ts';

/** Rows of a batch, cut to the length of the longest. */
export interface Shard {
	readonly rows: readonly number[];
	/** Tokens of the longest row. */
	readonly length: number;
}

/** Rows of similar length, about `tokens` in each shard; longest first, so that no worker ends with it alone. */
export function shardsOf(lengths: readonly number[], tokens: number): readonly Shard[] {
	const order = [...lengths.keys()].sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
	const shards: Shard[] = [];
	for (let at = 0; at < order.length;) {
		const length = lengths[order[at] ?? 0] ?? 0;
		const rows = order.slice(at, at + Math.max(1, Math.round(tokens / length)));
		shards.push({ rows, length });
		at += rows.length;
	}
	return shards;
}

/** Input tokens [R, length − 1] of a shard, and their targets. */
export function shardTokens(
	batch: TokenBatch,
	{ rows, length }: Shard,
): { readonly ids: Int32Array; readonly targets: Int32Array } {
	const steps = length - 1;
	const ids = new Int32Array(rows.length * steps);
	const targets = new Int32Array(rows.length * steps);
	rows.forEach((row, i) => {
		const from = row * batch.length;
		ids.set(batch.tokens.subarray(from, from + steps), i * steps);
		targets.set(batch.tokens.subarray(from + 1, from + 1 + steps), i * steps);
	});
	return { ids, targets };
}

/** Weights of a shard's targets, [R · (length − 1)]; 0 if the batch has none. */
export function shardWeights(
	batch: TokenBatch & { readonly weights?: Float32Array | undefined },
	{ rows, length }: Shard,
): Float32Array {
	const steps = length - 1;
	const weights = new Float32Array(rows.length * steps);
	rows.forEach((row, i) => {
		const from = row * (batch.length - 1);
		if (batch.weights) weights.set(batch.weights.subarray(from, from + steps), i * steps);
	});
	return weights;
}
