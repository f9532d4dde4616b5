/** @file A byte-level `tokenizer.json` as GGUF metadata, so that a model from a folder can be exported. */
import { CheckpointError } from '../checkpoint-error.ts';
import type { FolderTokenizer } from '../folder-tokenizer.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { quote } from '#base/untrusted/quote.ts';
import { noToken, type ModelSpec } from '../../model-spec.ts';
import type { OpenedFiles } from '../open.ts';
import { tokenizerEntries, type GgufEntries } from './export.ts';
import type { GgufType, GgufValue } from './values.ts';
import type { GgufEntry } from './write.ts';

/** GGUF's token types. */
const kinds = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/** llama.cpp's names of the pre-tokenizers, recognised by parts of their regular expressions. */
const splits: readonly (readonly [string, RegExp])[] = [
	['llama-bpe', /\\p\{N\}\{1,3\}/],
	['qwen2', /\(\?i:'s.*\|\\p\{N\}\|/],
];

/** `tokenizer.*` of an opened model: copied from GGUF, otherwise converted from its files. */
export function tokenizerEntriesOf({
	tokenizer,
	header,
	spec,
}: Pick<OpenedFiles, 'tokenizer' | 'header' | 'spec'>): GgufEntries {
	if (header) return tokenizerEntries(header);
	if (tokenizer.kind === 'json') return entriesOfTokenizer(tokenizer, spec);
	return new Map(
		[...tokenizer.metadata].map(([key, value]) => [key, { type: typeOf(key, value), value }]),
	);
}

/** GGUF type that llama.cpp expects for a tokenizer value. */
function typeOf(key: string, value: GgufValue): GgufType {
	if (typeof value === 'string') return 'text';
	if (typeof value === 'boolean') return 'bool';
	if (typeof value === 'number' || typeof value === 'bigint') return 'u32';
	if (key.endsWith('.scores')) return { listOf: 'f32' };
	return { listOf: typeof value[0] === 'string' ? 'text' : 'i32' };
}

/** `tokenizer.*` for a model whose tokenizer is byte-level BPE; others are refused. */
export function entriesOfTokenizer(tokenizer: FolderTokenizer, spec: ModelSpec): GgufEntries {
	const fail = (problem: string): never => {
		throw new CheckpointError(`tokenizer.json: ${problem}; export to safetensors or PEFT instead.`);
	};
	const { json } = tokenizer;
	const model = isRecord(json) ? json['model'] : undefined;
	if (
		!isRecord(json) ||
		!isRecord(model) ||
		!isRecord(model['vocab']) ||
		!Array.isArray(model['merges'])
	)
		return fail('only byte-level BPE can be written as GGUF');
	const tokens = Array.from({ length: spec.vocabularySize }, (_, id) => `[PAD${id}]`);
	const types: number[] = Array<number>(spec.vocabularySize).fill(kinds.unused);
	const put = (token: string, id: unknown, kind: number) => {
		if (typeof id !== 'number' || !(id in tokens))
			return fail(`token ${quote(token)} has no place in the vocabulary`);
		tokens[id] = token;
		types[id] = kind;
	};
	for (const [token, id] of Object.entries(model['vocab'])) put(token, id, kinds.normal);
	const added = Array.isArray(json['added_tokens'])
		? (json['added_tokens'] as readonly unknown[])
		: [];
	for (const token of added.filter(isRecord))
		put(
			String(token['content']),
			token['id'],
			token['special'] === true ? kinds.control : kinds.userDefined,
		);
	const merges = (model['merges'] as readonly unknown[]).map((merge) =>
		typeof merge === 'string'
			? merge
			: Array.isArray(merge) && merge.length === 2
				? merge.join(' ')
				: fail('a merge is not of two tokens'),
	);
	const id = (value: number): GgufEntry => ({ type: 'u32', value });
	const special = (name: string, fallback?: number): [string, GgufEntry][] => {
		const text = tokenizer.specialTokens[`${name}_token`];
		const found = (text === undefined ? undefined : tokenizer.idOf(text)) ?? fallback;
		const key = { bos: 'bos', eos: 'eos', unk: 'unknown', pad: 'padding' }[name] ?? name;
		return found === undefined ? [] : [[`tokenizer.ggml.${key}_token_id`, id(found)]];
	};
	return new Map<string, GgufEntry>([
		['tokenizer.ggml.model', { type: 'text', value: 'gpt2' }],
		['tokenizer.ggml.pre', { type: 'text', value: splitName(json['pre_tokenizer'], fail) }],
		['tokenizer.ggml.tokens', { type: { listOf: 'text' }, value: tokens }],
		['tokenizer.ggml.token_type', { type: { listOf: 'i32' }, value: types }],
		['tokenizer.ggml.merges', { type: { listOf: 'text' }, value: merges }],
		...special('bos'),
		...special('eos', spec.endToken === noToken ? undefined : spec.endToken),
		...special('unk'),
		...special('pad', spec.padToken === noToken ? undefined : spec.padToken),
		['tokenizer.ggml.add_bos_token', { type: 'bool', value: startsWithMark(json, tokenizer) }],
		...(tokenizer.chatTemplate === undefined
			? []
			: [
					[
						'tokenizer.chat_template',
						{ type: 'text', value: tokenizer.chatTemplate } as const,
					] as const,
				]),
	]);
}

/** llama.cpp's name for a pre-tokenizer. */
function splitName(preTokenizer: unknown, fail: (problem: string) => never): string {
	const steps: readonly unknown[] =
		isRecord(preTokenizer) && Array.isArray(preTokenizer['pretokenizers'])
			? (preTokenizer['pretokenizers'] as readonly unknown[])
			: [preTokenizer];
	const known = steps.filter(isRecord);
	const kindsOf = known.map(({ type }) => type).join(' ');
	if (kindsOf === 'ByteLevel') return 'gpt-2';
	if (kindsOf === 'Digits ByteLevel' && known[0]?.['individual_digits'] === true) return 'smollm';
	const pattern = known[0]?.['pattern'];
	const expression = isRecord(pattern) ? String(pattern['Regex']) : '';
	const found = splits.find(([, mark]) => mark.test(expression));
	return kindsOf === 'Split ByteLevel' && found
		? found[0]
		: fail('its way to cut text into words has no name in llama.cpp that is known here');
}

/** Does the tokenizer put the start token before a text? */
function startsWithMark(
	json: Readonly<Record<string, unknown>>,
	{ specialTokens }: FolderTokenizer,
): boolean {
	const start = specialTokens['bos_token'];
	const steps = JSON.stringify(json['post_processor'] ?? null);
	return start !== undefined && steps.includes(JSON.stringify(start));
}
