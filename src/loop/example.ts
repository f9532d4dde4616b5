/** @file Training example: what a refined experience gives to an update. */
import type { Prompt } from '#base/prompt.ts';
import type { Item } from '#environments/item.ts';

/** Words after a prompt. */
export interface Said {
	readonly completion: string;
	/**
	 * Token ids as they were sampled, which training uses as they are: the same text encoded again may be other tokens.
	 * `prompt` is there if the prompt is the one that was read; `logprobs`, nats, belong to the completion under it.
	 */
	readonly tokens?: {
		readonly prompt?: readonly number[];
		readonly completion: readonly number[];
		readonly logprobs?: readonly number[];
	};
	/** Advantage: how much better than expected it was, or that of each token of the completion. */
	readonly advantage?: number | readonly number[];
}

/**
 * What may be trained on. `answer`: written anew in a fresh view at every draw. `text`: exactly this
 * prompt and completion. `pair`: two completions of one prompt, of which the chosen one is better.
 */
export type Example =
	| {
			readonly kind: 'answer';
			readonly item: Item;
			readonly difficulty: number;
			readonly answer: string;
	  }
	| (Said & {
			readonly kind: 'text';
			readonly difficulty: number;
			readonly prompt: Prompt;
	  })
	| {
			readonly kind: 'pair';
			readonly difficulty: number;
			readonly prompt: Prompt;
			readonly chosen: Said;
			readonly rejected: Said;
	  };
