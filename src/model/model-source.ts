/** @file A model opened but not loaded: what it is, how it speaks, and its weights on demand. */
import type { ModelSpec } from './model-spec.ts';
import type { TextTokenizer } from './tokenizer.ts';
import type { WeightStore } from './weight-store.ts';

export interface ModelSource {
	/** For people: the hub name, or the file's. */
	readonly name: string;
	readonly spec: ModelSpec;
	readonly weights: WeightStore;
	readonly tokenizer: TextTokenizer;
	/** Jinja source; absent in base models. */
	readonly chatTemplate?: string;
	/** Text of special tokens that a template may name: `bos_token`, `eos_token`, … */
	readonly specialTokens: Readonly<Record<string, string>>;
	/** Tokens that end an answer, `spec.endToken` among them. */
	readonly endTokens: readonly number[];
	/** As the checkpoint states it, e.g. `apache-2.0`. */
	readonly licence?: string;
	/** Size of the checkpoint's files in bytes. */
	readonly bytes: number;
}
