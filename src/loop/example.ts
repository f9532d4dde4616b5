/** @file Training example: what a refined experience gives to an update. */
import type { Prompt } from '#base/prompt.ts';
import type { Item } from '#environments/environment.ts';
import type { Sample } from '#training/data/sample.ts';

/** Words after a prompt. */
export interface Said {
	readonly completion: string;
	/**
	 * The tokens that were sampled, prompt included. If it is there, exactly these are trained on: the same text encoded
	 * again may be other tokens.
	 */
	readonly sample?: Sample;
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
