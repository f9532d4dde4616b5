/**
 * @file Byte-level BPE `tokenizer.json` from its parts, as the same model's own would be.
 *
 * The pre-tokenisation is the one thing in which vocabularies of this kind differ.
 */
import { bpeJson } from './bpe-json.ts';

/** Words of GPT-2; the last of several spaces belongs to the next word. */
const gpt2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
/** Words of Llama 3 and Qwen 2, which differ in the number of digits per word. */
const words = (digits: string): string =>
	String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

interface Splitting {
	/** Applied one after another, each to the pieces of the one before. */
	readonly patterns: readonly string[];
	/** A word that is a token is taken whole, regardless of the merges. */
	readonly ignoreMerges?: true;
	/** Normalises to NFC first. */
	readonly composed?: true;
	/** The model expects its start token before every text. */
	readonly start?: true;
}

const splittings = {
	gpt2: { patterns: [gpt2] },
	digits: { patterns: [String.raw`\p{N}`, gpt2] },
	llama3: { patterns: [words(String.raw`\p{N}{1,3}`)], ignoreMerges: true, start: true },
	qwen2: { patterns: [words(String.raw`\p{N}`)], composed: true },
	// llama.cpp's default.
	silent: {
		patterns: [String.raw`[\p{P}\$\+<=>\^~\|]+`, gpt2, String.raw`\p{N}+`, '[0-9][0-9][0-9]'],
	},
} as const satisfies Readonly<Record<string, Splitting>>;

/** Expressions of all of them. */
export const splittingPatterns: readonly string[] = Object.values(splittings).flatMap(
	({ patterns }): readonly string[] => patterns,
);

/** Pre-tokenisations by GGUF name (`tokenizer.ggml.pre`). */
const byName = new Map<string, Splitting>([
	['default', splittings.silent],
	['gpt-2', splittings.gpt2],
	['olmo', splittings.gpt2],
	['smollm', splittings.digits],
	['starcoder', splittings.digits],
	['refact', splittings.digits],
	['llama-bpe', splittings.llama3],
	['llama-v3', splittings.llama3],
	['llama3', splittings.llama3],
	['falcon3', splittings.llama3],
	['smaug-bpe', { patterns: splittings.llama3.patterns }],
	['qwen2', splittings.qwen2],
	['deepseek-r1-qwen', splittings.qwen2],
]);

/** The pre-tokenisation of that name, or undefined. */
export const splittingOf = (name: string): Splitting | undefined => byName.get(name);
/** Names that `splittingOf` knows. */
export const splittingNames: readonly string[] = [...byName.keys()];

export interface ByteLevelParts {
	/** In the order of ids; bytes as GPT-2's printable characters. */
	readonly tokens: readonly string[];
	/** Two tokens each, in merge order. */
	readonly merges: readonly (readonly [string, string])[];
	/** Ids of tokens that are matched whole in a text; special ones are left out of decoded text. */
	readonly added: ReadonlyMap<number, { readonly special: boolean }>;
	/** Ids without a token. */
	readonly unused: ReadonlySet<number>;
	readonly splitting: Splitting;
}

/** The same parts as the content of a `tokenizer.json`. */
export function byteLevelJson(parts: ByteLevelParts): Readonly<Record<string, unknown>> {
	const { tokens, merges, added, unused, splitting } = parts;
	const byteLevel = { add_prefix_space: false, trim_offsets: false, use_regex: false };
	return bpeJson({
		added: [...added].map(([id, { special }]) => ({ id, content: tokens[id] ?? '', special })),
		normalizer: splitting.composed ? { type: 'NFC' } : null,
		preTokenizer: {
			type: 'Sequence',
			pretokenizers: [
				...splitting.patterns.map((Regex) => ({
					type: 'Split',
					pattern: { Regex },
					behavior: 'Isolated',
					invert: false,
				})),
				{ type: 'ByteLevel', ...byteLevel },
			],
		},
		decoder: { type: 'ByteLevel', ...byteLevel },
		ignoreMerges: splitting.ignoreMerges ?? false,
		vocabulary: tokens.flatMap((text, id): [string, number][] =>
			unused.has(id) ? [] : [[text, id]],
		),
		merges,
	});
}
