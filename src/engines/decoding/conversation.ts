/** @file The last streamed conversation: its keys and values, so that the next turn reads only what is new. */
import type { Adapter } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { BackendError } from '#base/backend-error.ts';
import { truncated } from './cached-tokens.ts';
import { cachedTokenBytes } from './limits.ts';
import type { KnownTokens } from './prompt-queue.ts';
import type { Leave, Sequence } from './step-decoding.ts';

/** Fewer common tokens than these are read again. */
const fewest = 16;
/** A longer conversation is not kept, but read again at every turn. */
const mostBytes = 256 * 2 ** 20;

export interface Conversation {
	/** What is known of a prompt's beginning, if it was said with this adapter. */
	recall(adapter: Adapter | null, prompt: readonly number[]): KnownTokens | undefined;
	/** Keeps what was said with this adapter, in the place of what was kept before. */
	keeper(adapter: Adapter | null): Leave<Sequence>;
	/** Forgets what was said with any other adapter; undefined: all. */
	follow(adapter: Adapter | null | undefined): void;
}

/** Opens an empty memory of one conversation. */
export function conversation(spec: ModelSpec): Conversation {
	let current: Adapter | null | undefined = null;
	let kept: { readonly adapter: Adapter | null; readonly known: KnownTokens } | undefined;
	return {
		recall: (adapter, prompt) => {
			if (kept?.adapter !== adapter) return undefined;
			const { tokens, cache } = kept.known;
			// The last token is always run: its logits begin the answer.
			const most = Math.min(tokens.length, cache.length, prompt.length - 1);
			let length = 0;
			while (length < most && tokens[length] === prompt[length]) length++;
			if (length < fewest) return undefined;
			return { tokens: prompt.slice(0, length), cache: truncated(cache, length) };
		},
		keeper: (adapter) => (_sequence, tokens, cached) => {
			if (adapter !== current) return;
			// Not beside the next one.
			kept = undefined;
			if (tokens.length * cachedTokenBytes(spec) > mostBytes) return;
			try {
				kept = { adapter, known: { tokens, cache: cached() } };
			} catch (error) {
				// The answer is whole: it is only read again.
				if (!(error instanceof BackendError && error.code === 'out-of-memory')) throw error;
			}
		},
		follow: (adapter) => {
			current = adapter;
			if (kept?.adapter !== adapter) kept = undefined;
		},
	};
}
