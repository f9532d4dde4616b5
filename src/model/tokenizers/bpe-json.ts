/** @file Common part of every byte-pair encoding `tokenizer.json`, whatever its vocabulary. */

/** Parts that differ between vocabularies of this kind. */
export interface BpeParts {
	/** Matched whole in a text before pre-tokenisation; special ones are left out of decoded text. */
	readonly added: readonly {
		readonly id: number;
		readonly content: string;
		readonly special: boolean;
	}[];
	readonly normalizer: object | null;
	readonly preTokenizer: object | null;
	readonly decoder: object;
	readonly ignoreMerges: boolean;
	/** Texts with their ids; the file keeps their order. */
	readonly vocabulary: readonly (readonly [text: string, id: number])[];
	readonly merges: readonly (readonly [string, string])[];
}

/** The content of `tokenizer.json`. Its key order matters: committed files are compared byte by byte. */
export const bpeJson = (parts: BpeParts): Readonly<Record<string, unknown>> => ({
	version: '1.0',
	truncation: null,
	padding: null,
	added_tokens: parts.added.map(({ id, content, special }) => ({
		id,
		content,
		single_word: false,
		lstrip: false,
		rstrip: false,
		normalized: false,
		special,
	})),
	normalizer: parts.normalizer,
	pre_tokenizer: parts.preTokenizer,
	post_processor: null,
	decoder: parts.decoder,
	model: {
		type: 'BPE',
		dropout: null,
		unk_token: null,
		continuing_subword_prefix: null,
		end_of_word_suffix: null,
		fuse_unk: false,
		byte_fallback: false,
		ignore_merges: parts.ignoreMerges,
		vocab: Object.fromEntries(parts.vocabulary),
		merges: parts.merges,
	},
});
