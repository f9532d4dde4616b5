/** @file KV cache of the last streamed conversation, so that the next turn prefills only new tokens. */
import type { KvType } from '#base/limits.ts';
import type { Adapter } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { BackendError } from '#base/backend-error.ts';
import { packedCache } from '../kv-cache/pack.ts';
import { truncated } from './cached-tokens.ts';
import { cachedTokenBytes } from './limits.ts';
import type { KnownTokens } from './prompt-queue.ts';
import type { Leave, Sequence } from './step-decoding.ts';

/** Shortest common prefix worth reusing, in tokens. */
const fewest = 16;
/** Largest cache kept, in bytes; a longer conversation is prefilled again at every turn. */
const mostBytes = 256 * 2 ** 20;

export interface ConversationCache {
	/** Cached prefix of a prompt, if it was decoded with this adapter and is of this type or, packed then, in F32. */
	recall(
		adapter: Adapter | null,
		prompt: readonly number[],
		type?: KvType,
	): KnownTokens | undefined;
	/** Is a conversation of so many tokens small enough to be kept? */
	keeps(tokens: number, type?: KvType): boolean;
	/** Callback that replaces the kept cache with that of a finished sequence decoded with this adapter. */
	keeper(adapter: Adapter | null, type?: KvType): Leave<Sequence>;
	/** Drops the cache of any other adapter; undefined drops all. */
	follow(adapter: Adapter | null | undefined): void;
}

/** Creates an empty cache. */
export function conversationCache(spec: ModelSpec): ConversationCache {
	const keeps = (tokens: number, type?: KvType): boolean =>
		tokens * cachedTokenBytes(spec, type) <= mostBytes;
	let current: Adapter | null | undefined = null;
	let kept: { readonly adapter: Adapter | null; readonly known: KnownTokens } | undefined;
	return {
		keeps,
		recall: (adapter, prompt, type = 'f32') => {
			if (kept?.adapter !== adapter) return undefined;
			const { tokens, cache } = kept.known;
			// The last token is always run: its logits start the answer.
			const most = Math.min(tokens.length, cache.length, prompt.length - 1);
			let length = 0;
			while (length < most && tokens[length] === prompt[length]) length++;
			if (length < fewest) return undefined;
			const packed = packedCache(truncated(cache, length), type, spec);
			if (!packed) return undefined;
			const known = { tokens: prompt.slice(0, length), cache: packed };
			// A copy in fewer bits takes the place of what it was made of.
			if ((cache.type ?? 'f32') !== type) kept = { adapter, known };
			return known;
		},
		keeper: (adapter, type) => (_sequence, tokens, cached) => {
			if (adapter !== current) return;
			// Freed first, so that two caches never coexist.
			kept = undefined;
			if (!keeps(tokens.length, type)) return;
			try {
				kept = { adapter, known: { tokens, cache: cached() } };
			} catch (error) {
				// The answer is complete; only its cache is lost.
				if (!(error instanceof BackendError && error.code === 'out-of-memory')) throw error;
			}
		},
		follow: (adapter) => {
			current = adapter;
			if (kept?.adapter !== adapter) kept = undefined;
		},
	};
}
