/** @file Batches of prompts of similar length: little padding, and small enough to abort within a second. */

export interface Row {
	/** Index in the caller's list. */
	readonly index: number;
	readonly tokens: readonly number[];
}

export interface LeftPadded {
	readonly rows: readonly Row[];
	readonly length: number;
	/** [B, length] */
	readonly ids: Int32Array;
	/** Number of padding tokens on the left of each row. */
	readonly padding: readonly number[];
}

/** Batches of at most `size` rows and about `budget` prompt-and-answer tokens. */
export function makeBatches<R extends Row>(
	rows: readonly R[],
	maxTokens: number,
	limits: { readonly size: number; readonly budget: number; readonly workers: number },
): readonly (readonly R[])[] {
	const sorted = [...rows].sort((a, b) => a.tokens.length - b.tokens.length || a.index - b.index);
	const longest = sorted.at(-1)?.tokens.length ?? 0;
	const fit = Math.max(1, Math.floor(limits.budget / (longest + maxTokens)));
	// A short list is still spread over the workers.
	const spread = Math.ceil(rows.length / limits.workers);
	const size = Math.max(1, Math.min(limits.size, fit, spread));
	const batches: R[][] = [];
	for (let at = 0; at < sorted.length; at += size) batches.push(sorted.slice(at, at + size));
	return batches;
}

export function leftPad(rows: readonly Row[], padToken: number): LeftPadded {
	const length = Math.max(...rows.map((row) => row.tokens.length));
	const ids = new Int32Array(rows.length * length).fill(padToken);
	const padding = rows.map((row, b) => {
		const pads = length - row.tokens.length;
		ids.set(row.tokens, b * length + pads);
		return pads;
	});
	return { rows, length, ids, padding };
}
