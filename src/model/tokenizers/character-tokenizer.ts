/**
 * @file One token per character: the tokenizer of our own small models, and its Hugging Face files.
 *
 * On disk it is BPE without merges, which Python's tokenizers and `@huggingface/tokenizers` read as well; here it is a
 * Map. Unlike them, it throws on a character without a token, which they silently drop.
 */
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { fillToken } from '../model-spec.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { bpeJson } from './bpe-json.ts';

/** Ids in order: `pad` is 0, `end` is 1, then the characters. */
export interface CharacterVocabulary {
	/** Text of the special tokens, e.g. `<pad>`; must not be one of the characters. */
	readonly pad: string;
	readonly end: string;
	/** One Unicode code point each. */
	readonly characters: readonly string[];
}

/** A text outside a vocabulary; `character` is the first one it lacks. */
export class UnknownCharacterError extends Error {
	readonly character: string;
	constructor(character: string, text: string) {
		super(
			`The model has no token for ${JSON.stringify(character)} (in ${JSON.stringify(text.slice(0, 40))}); use only characters of its vocabulary.`,
		);
		this.name = 'UnknownCharacterError';
		this.character = character;
	}
}

/** The tokenizer of a vocabulary. */
export function characterTokenizer(vocabulary: CharacterVocabulary): TextTokenizer {
	const special = [vocabulary.pad, vocabulary.end];
	checkVocabulary(vocabulary);
	const ids = new Map([...special, ...vocabulary.characters].map((token, id) => [token, id]));
	return mapTokenizer(ids, new Set(special), { padToken: 0, endToken: 1 });
}

/** `tokenizer.json` and `tokenizer_config.json`, as `AutoTokenizer` loads them. */
export function characterTokenizerFiles(
	vocabulary: CharacterVocabulary,
): ReadonlyMap<string, string> {
	checkVocabulary(vocabulary);
	const { pad, end, characters } = vocabulary;
	const tokenizer = bpeJson({
		added: [pad, end].map((content, id) => ({ id, content, special: true })),
		normalizer: null,
		preTokenizer: null,
		decoder: { type: 'Fuse' },
		ignoreMerges: false,
		vocabulary: [pad, end, ...characters].map((token, id) => [token, id]),
		merges: [],
	});
	const config = {
		tokenizer_class: 'PreTrainedTokenizerFast',
		pad_token: pad,
		eos_token: end,
		padding_side: 'right',
		clean_up_tokenization_spaces: false,
		model_input_names: ['input_ids', 'attention_mask'],
	};
	return new Map([
		['tokenizer.json', `${JSON.stringify(tokenizer, null, 2)}\n`],
		['tokenizer_config.json', `${JSON.stringify(config, null, 2)}\n`],
	]);
}

/** The tokenizer of a parsed `tokenizer.json` if it is a pure character vocabulary, else undefined. */
export function readCharacterTokenizer(
	json: unknown,
	marks: { readonly endToken: number; readonly padToken: number },
): TextTokenizer | undefined {
	if (!isRecord(json)) return undefined;
	const { model, decoder, added_tokens: added = [] } = json;
	if (!isRecord(model) || !isRecord(model['vocab'])) return undefined;
	const steps = [json['normalizer'], json['pre_tokenizer'], json['post_processor']];
	const extras = ['unk_token', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback'];
	if (
		model['type'] !== 'BPE' ||
		!Array.isArray(model['merges']) ||
		model['merges'].length > 0 ||
		steps.some((step) => step !== null && step !== undefined) ||
		extras.some((extra) => model[extra]) ||
		!isRecord(decoder) ||
		decoder['type'] !== 'Fuse' ||
		!Array.isArray(added)
	)
		return undefined;
	const ids = new Map<string, number>();
	const special = new Set<string>();
	for (const token of added as readonly unknown[]) {
		if (!isRecord(token) || token['special'] !== true) return undefined;
		if (['single_word', 'lstrip', 'rstrip'].some((rule) => token[rule])) return undefined;
		const { content, id } = token;
		if (typeof content !== 'string' || content === '' || !isId(id)) return undefined;
		ids.set(content, id);
		special.add(content);
	}
	for (const [token, id] of Object.entries(model['vocab'])) {
		if (!isId(id)) return undefined;
		if (special.has(token)) {
			if (ids.get(token) !== id) return undefined;
		} else if (Array.from(token).length !== 1) return undefined;
		ids.set(token, id);
	}
	if (ids.size === 0 || new Set(ids.values()).size !== ids.size) return undefined;
	return mapTokenizer(ids, special, marks);
}

function mapTokenizer(
	ids: ReadonlyMap<string, number>,
	special: ReadonlySet<string>,
	marks: { readonly endToken: number; readonly padToken: number },
): TextTokenizer {
	const characters = new Map([...ids].filter(([token]) => !special.has(token)));
	const texts = new Map([...characters].map(([token, id]) => [id, token]));
	// Longest first, since one special token may start another.
	const marksInText = [...special].sort((a, b) => b.length - a.length);
	const starts = new Set(marksInText.map((mark) => String.fromCodePoint(mark.codePointAt(0) ?? 0)));
	return {
		...marks,
		padToken: fillToken(marks),
		vocabularySize: Math.max(...ids.values()) + 1,
		encode: (text) => {
			const tokens: number[] = [];
			let at = 0;
			let skipTo = 0;
			for (const character of text) {
				const here = at;
				at += character.length;
				if (here < skipTo) continue;
				const mark = starts.has(character)
					? marksInText.find((candidate) => text.startsWith(candidate, here))
					: undefined;
				const id = mark === undefined ? characters.get(character) : ids.get(mark);
				if (id === undefined) throw new UnknownCharacterError(character, text);
				if (mark !== undefined) skipTo = here + mark.length;
				tokens.push(id);
			}
			return tokens;
		},
		decode: (tokens) => {
			let text = '';
			for (const token of tokens) text += texts.get(token) ?? '';
			return text;
		},
	};
}

const isId = (value: unknown): value is number =>
	typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 24;

function checkVocabulary({ pad, end, characters }: CharacterVocabulary): void {
	if (pad === '' || end === '' || pad === end)
		throw new CheckpointError('pad and end must be two different texts, neither empty.');
	const seen = new Set([pad, end]);
	for (const character of characters) {
		if (Array.from(character).length !== 1 || !character.isWellFormed())
			throw new CheckpointError(
				`${JSON.stringify(character)} is not one character; a character vocabulary takes one code point per token.`,
			);
		if (seen.has(character))
			throw new CheckpointError(
				`${JSON.stringify(character)} is in the vocabulary twice; name each character once.`,
			);
		seen.add(character);
	}
}
