/** @file A model opened but not loaded: spec, tokenizer, chat template, and weights on demand. */
import type { ModelSpec } from './model-spec.ts';
import type { TextTokenizer } from './tokenizer.ts';
import type { WeightStore } from './weight-store.ts';

export interface ModelSource {
	/** Name for people: the hub name, or the file's. */
	readonly name: string;
	readonly spec: ModelSpec;
	readonly weights: WeightStore;
	readonly tokenizer: TextTokenizer;
	/** Jinja source; absent in base models. */
	readonly chatTemplate?: string;
	/** Special tokens for templates: `bos_token`, `eos_token`, … */
	readonly specialTokens: Readonly<Record<string, string>>;
	/** Tokens that end an answer, `spec.endToken` among them. */
	readonly endTokens: readonly number[];
	/** Licence as the checkpoint states it, e.g. `apache-2.0`. */
	readonly licence?: string;
	/** Size of the checkpoint's files in bytes. */
	readonly bytes: number;
}
