/**
 * @file Interface of a back end that runs a model one decode step at a time. `createStepEngine` adds continuous batching,
 * prefix sharing, conversation caching, sampling and scoring to any implementation.
 */
import type { ModelSpec } from '#model/model-spec.ts';
import type { Votes } from '../kv-cache/select.ts';
import type { CachedTokens } from './cached-tokens.ts';
import type { RunLimits } from './limits.ts';

/** Tokens to prefill, at least one, with the index from which logits are returned. */
export interface PrefillRow {
	readonly tokens: readonly number[];
	readonly wantedFrom: number;
}

/** Receives the logits [V] after token `at` of row `row`, valid only during the call. */
export type TakeLogits = (row: number, at: number, logits: Float32Array) => void;

/** A prefilled row, with the attention of its last tokens in each layer. */
export interface WatchedRow {
	readonly cache: CachedTokens;
	readonly votes: readonly Votes[];
}

/** A model with an adapter bound to it. Several batches may be open at once, and prefill may run between their steps. */
export interface Decoder {
	readonly spec: ModelSpec;
	readonly limits: RunLimits;
	/**
	 * Prefills rows that continue `prefix`, in chunks; an abort between chunks rejects with AbortError. Returns the KV
	 * cache of each row, prefix included.
	 */
	prefill(
		prefix: CachedTokens | null,
		rows: readonly PrefillRow[],
		take: TakeLogits,
		signal?: AbortSignal,
	): Promise<readonly CachedTokens[]>;
	/**
	 * Prefills one row like `prefill`, and sums the attention of its last `voters` tokens, at most all that it has. Absent
	 * if a back end does not tell its attention; then no KV cache can be compressed.
	 */
	prefillWatched?(
		prefix: CachedTokens | null,
		row: PrefillRow,
		voters: number,
		take: TakeLogits,
		signal?: AbortSignal,
	): Promise<WatchedRow>;
	/** Opens an empty batch. */
	batch(): DecodingBatch;
}

/** A batch of sequences that decode together, one token each per step. Calls must not overlap. */
export interface DecodingBatch {
	/**
	 * Keeps the rows with the ascending indices `stay`, appends `join`, and renumbers from 0. Called before every step, so
	 * it must be free if nothing changes.
	 */
	arrange(stay: readonly number[], join: readonly CachedTokens[]): void;
	/**
	 * Runs one token of each row, `ids` [B]. Logits [B · V] are valid until the next step of this batch. Rejects with
	 * AbortError after an abort; a rejected step leaves the cache unchanged.
	 */
	step(ids: Int32Array, signal?: AbortSignal): Promise<Float32Array>;
	/** KV cache of a row, the last step's token included; called only when the row leaves. */
	cached(row: number): CachedTokens;
	/** Frees the batch; results of `cached` stay valid. */
	close(): void;
}
