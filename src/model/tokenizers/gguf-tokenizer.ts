/** @file Tokenizer, chat template and special tokens of a GGUF file's metadata. */
import { quote, shown } from '#base/untrusted/quote.ts';
import { chatTemplateFor } from '../chat-template.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { ggufEndTokens } from '../checkpoint/gguf/config.ts';
import type { GgufMetadata } from '../checkpoint/gguf/header.ts';
import { isNumbers } from '../checkpoint/gguf/values.ts';
import { hfTokenizer } from './hf-tokenizer.ts';
import type { ModelSource } from '../model-source.ts';
import type { ModelSpec } from '../model-spec.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { byteLevelJson, splittingNames, splittingOf } from './byte-level.ts';
import { pieceKinds, sentencePieceTokenizer } from './sentencepiece.ts';

/** The text side of a `ModelSource`. */
export interface GgufTokenizer extends Pick<
	ModelSource,
	'tokenizer' | 'chatTemplate' | 'specialTokens' | 'endTokens'
> {
	/** Tokens before a text without template; a template includes them itself. */
	readonly startTokens: readonly number[];
	/** The equivalent `tokenizer.json`, if there is one. */
	readonly json?: Readonly<Record<string, unknown>>;
}

/** Reads `tokenizer.*`; `file` starts an error message. */
export function readGgufTokenizer(
	metadata: GgufMetadata,
	spec: ModelSpec,
	file: string,
): GgufTokenizer {
	const fail: Fail = (problem) => {
		throw new CheckpointError(`${file}: ${problem}`);
	};
	const texts = textsOf(metadata, 'tokens', fail);
	if (texts.length === 0) return fail('the vocabulary is empty.');
	if (texts.length > spec.vocabularySize)
		return fail(
			`has ${texts.length} tokens, but embeddings for ${spec.vocabularySize}; the file is damaged.`,
		);
	const kinds = metadata.has('tokenizer.ggml.token_type')
		? numbersOf(metadata, 'token_type', fail)
		: texts.map(() => pieceKinds.normal);
	if (kinds.length !== texts.length)
		return fail(
			`has ${texts.length} tokens and ${kinds.length} token types; they must be as many.`,
		);

	const isSentencePiece = metadata.get('tokenizer.ggml.model') === 'llama';
	const special = specialIds(metadata, texts, isSentencePiece);
	const opened = isSentencePiece
		? openSentencePiece(metadata, { texts, kinds }, spec, fail)
		: openByteLevel(metadata, { texts, kinds, special: [...special.values()] }, spec, fail);
	const start = special.get('bos_token');
	const addStart = metadata.get('tokenizer.ggml.add_bos_token') ?? opened.start;
	const stated = metadata.get('tokenizer.chat_template');
	const isMark = (text: string): boolean => {
		const kind = kinds[texts.indexOf(text)];
		return kind === pieceKinds.control || kind === pieceKinds.userDefined;
	};
	const chatTemplate = chatTemplateFor(stated, isMark);
	return {
		tokenizer: opened.tokenizer,
		...(opened.json ? { json: opened.json } : {}),
		...(chatTemplate === undefined ? {} : { chatTemplate }),
		specialTokens: Object.fromEntries([...special].map(([name, id]) => [name, texts[id] ?? ''])),
		endTokens: ggufEndTokens(metadata, spec),
		startTokens: addStart === true && start !== undefined ? [start] : [],
	};
}

type Fail = (problem: string) => never;
interface Opened {
	readonly tokenizer: TextTokenizer;
	readonly json?: Readonly<Record<string, unknown>>;
	/** Does the model expect its start token, if the file does not say? */
	readonly start: boolean;
}
interface Vocabulary {
	readonly texts: readonly string[];
	readonly kinds: readonly number[];
}

const strange = (name: string): string =>
	`tokenizer.ggml.${name} is missing or of the wrong type; use a file with a tokenizer.`;

function textsOf(metadata: GgufMetadata, name: string, fail: Fail): readonly string[] {
	const list: unknown = metadata.get(`tokenizer.ggml.${name}`);
	return Array.isArray(list) && list.every((item) => typeof item === 'string')
		? list
		: fail(strange(name));
}

function numbersOf(metadata: GgufMetadata, name: string, fail: Fail): readonly number[] {
	const list: unknown = metadata.get(`tokenizer.ggml.${name}`);
	return isNumbers(list) ? Array.from(list) : fail(strange(name));
}

/** Ids by the names that chat templates use. */
function specialIds(
	metadata: GgufMetadata,
	texts: readonly string[],
	isSentencePiece: boolean,
): ReadonlyMap<string, number> {
	const names = [
		['bos_token', 'bos', 1],
		['eos_token', 'eos', 2],
		['unk_token', 'unknown', 0],
		['pad_token', 'padding', undefined],
	] as const;
	return new Map(
		names.flatMap(([name, key, usual]): [string, number][] => {
			const id =
				metadata.get(`tokenizer.ggml.${key}_token_id`) ?? (isSentencePiece ? usual : undefined);
			return typeof id === 'number' && texts[id] !== undefined ? [[name, id]] : [];
		}),
	);
}

function openSentencePiece(
	metadata: GgufMetadata,
	{ texts, kinds }: Vocabulary,
	spec: ModelSpec,
	fail: Fail,
): Opened {
	const scores = numbersOf(metadata, 'scores', fail);
	if (scores.length !== texts.length)
		fail(`has ${texts.length} tokens and ${scores.length} scores; they must be as many.`);
	const spacePrefix = (metadata.get('tokenizer.ggml.add_space_prefix') ?? true) === true;
	return {
		tokenizer: sentencePieceTokenizer({ texts, kinds, scores, spacePrefix }, spec),
		start: true,
	};
}

function openByteLevel(
	metadata: GgufMetadata,
	{ texts, kinds, special }: Vocabulary & { readonly special: readonly number[] },
	spec: ModelSpec,
	fail: Fail,
): Opened {
	const model = metadata.get('tokenizer.ggml.model');
	if (model !== 'gpt2')
		return fail(`tokenizer "${shown(model)}" is not supported; these are: gpt2, llama.`);
	const name = metadata.get('tokenizer.ggml.pre') ?? 'default';
	const splitting = splittingOf(typeof name === 'string' ? name : '');
	if (!splitting)
		return fail(
			`cuts text into words by "${shown(name)}", which is not supported; these are: ${splittingNames.join(', ')}.`,
		);
	const known = new Set(texts);
	const merges = textsOf(metadata, 'merges', fail).map((merge): [string, string] => {
		// The pair is split at the first space after its first character; no token of this kind has one.
		const at = merge.indexOf(' ', 1);
		const [left, right] = [merge.slice(0, at), merge.slice(at + 1)];
		return at > 0 && known.has(left) && known.has(right) && known.has(left + right)
			? [left, right]
			: fail(`the merge ${quote(merge)} is not of two tokens; the file is damaged.`);
	});
	const { control, userDefined, unused } = pieceKinds;
	const added = new Map<number, { special: boolean }>();
	const isUnused = new Set<number>();
	kinds.forEach((kind, id) => {
		if (kind === unused || texts[id] === '') isUnused.add(id);
		else if (kind === control || kind === userDefined) added.set(id, { special: kind === control });
	});
	if (!metadata.has('tokenizer.ggml.token_type'))
		for (const id of special) added.set(id, { special: true });
	const json = byteLevelJson({ tokens: texts, merges, added, unused: isUnused, splitting });
	return { tokenizer: hfTokenizer(json, spec), json, start: splitting.start ?? false };
}
