/**
 * @file What runs a model a token at a time. Whoever implements this has continuous batches, shared beginnings, remembered
 * conversations, sampling and scoring from the rest of this folder (`createStepEngine`).
 */
import type { ModelSpec } from '#model/model-spec.ts';
import type { CachedTokens } from './cached-tokens.ts';
import type { RunLimits } from './limits.ts';

/** Tokens to run, at least one, and from which of them on the logits are wanted. */
export interface PrefillRow {
	readonly tokens: readonly number[];
	readonly wantedFrom: number;
}

/** Hears the logits [V] after token `at` of row `row`; they are only valid during the call. */
export type TakeLogits = (row: number, at: number, logits: Float32Array) => void;

/** A model with an adapter bound to it. Several batches may be open at once, and prompts be read between their steps. */
export interface Decoder {
	readonly spec: ModelSpec;
	readonly limits: RunLimits;
	/**
	 * Runs rows that all go on from `prefix`, in chunks, before each of which an abort is heeded (AbortError); gives what
	 * is cached of each row, prefix included.
	 */
	prefill(
		prefix: CachedTokens | null,
		rows: readonly PrefillRow[],
		take: TakeLogits,
		signal?: AbortSignal,
	): Promise<readonly CachedTokens[]>;
	/** Opens an empty batch. */
	batch(): DecodingBatch;
}

/** Rows that are run together, a token of each at a time. One call at a time. */
export interface DecodingBatch {
	/**
	 * Keeps the rows at the places `stay`, which ascend, and adds `join` behind them; places count from 0 again. Called
	 * before every step, so it must be free where nothing changes.
	 */
	arrange(stay: readonly number[], join: readonly CachedTokens[]): void;
	/**
	 * Runs one token of each row, `ids` [B]. Logits [B · V] are valid until the next step of this batch. After an abort it
	 * rejects with AbortError; a step that rejects adds nothing to what is cached.
	 */
	step(ids: Int32Array, signal?: AbortSignal): Promise<Float32Array>;
	/** What is cached of the row at a place, the last step's token included; asked for only when it leaves. */
	cached(row: number): CachedTokens;
	/** Frees what the batch holds; what `cached` gave stays valid. */
	close(): void;
}
