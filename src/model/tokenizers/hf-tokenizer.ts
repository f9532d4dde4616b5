/** @file Any Hugging Face `tokenizer.json`, through `@huggingface/tokenizers`. */
import { Tokenizer } from '@huggingface/tokenizers';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { BudgetError, workBudget, type Budget } from '#base/untrusted/budget.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { textLimits, workLimits } from '#base/limits.ts';
import { checkedTokenizerJson } from './checked-json.ts';
import type { Part } from './parts.ts';
import type { Account } from './patterns/bounded-expression.ts';
import { tokenizerJsonBytes } from './token-bytes.ts';
import { fillToken } from '../model-spec.ts';
import type { TextTokenizer } from '../tokenizer.ts';

/** Opens a parsed `tokenizer.json`; end and padding ids come from the model's `config.json`. */
export function hfTokenizer(
	json: unknown,
	marks: { readonly endToken: number; readonly padToken: number },
): TextTokenizer {
	if (!isRecord(json)) throw new CheckpointError('tokenizer.json must hold a JSON object.');
	const account: Account = { budget: budgetFor(0) };
	const tokenizer = open(json, account);
	const lone = loneTokens(json);
	// the library finds every added token inside of words, too
	const within = lone.ids.size === 0 ? tokenizer : open(lone.rest, account);
	const encodePart = (text: string, i: number): readonly number[] => {
		if (i % 2 === 1) return [lone.ids.get(text) ?? fillToken(marks)];
		return text === '' ? [] : within.encode(text, { add_special_tokens: false }).ids;
	};
	let largest = -1;
	for (const id of tokenizer.get_vocab().values()) largest = Math.max(largest, id);
	if (largest < 0) throw new CheckpointError('tokenizer.json has an empty vocabulary.');
	let bytes: ReadonlyMap<number, Uint8Array> | undefined;
	return {
		...marks,
		padToken: fillToken(marks),
		vocabularySize: largest + 1,
		tokenBytes: (token) => {
			bytes ??= tokenizerJsonBytes(json, tokenizer.get_vocab());
			if (!bytes)
				throw new CheckpointError(
					'tokenizer.json has a decoder whose tokens cannot be read as bytes; answers of a given form need a byte-level or SentencePiece tokenizer.',
				);
			return bytes.get(token);
		},
		encode: (text) => {
			if (text === '') return [];
			account.budget = budgetFor(text.length);
			return named('cannot encode this text', () => lone.split(text).flatMap(encodePart));
		},
		// The library refuses an empty list, and by default tidies spaces before punctuation.
		decode: (tokens) => {
			if (tokens.length === 0) return '';
			account.budget = budgetFor(tokens.length);
			const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
			return named('cannot decode these tokens', () => tokenizer.decode([...tokens], options));
		},
	};
}

/** The budget of one text of so many characters. */
const budgetFor = (characters: number): Budget =>
	workBudget(
		{ steps: workLimits.tokenizer.steps + characters * textLimits.stepsPerCharacter },
		'tokenizer.json: an expression',
		'use another tokenizer, or a shorter text.',
	);

function named<T>(problem: string, work: () => T): T {
	try {
		return work();
	} catch (cause) {
		if (cause instanceof CheckpointError || cause instanceof BudgetError) throw cause;
		throw new CheckpointError(
			`tokenizer.json ${problem}: ${cause instanceof Error ? cause.message : String(cause)}`,
			{ cause },
		);
	}
}

const open = (json: Part, account: Account): Tokenizer =>
	named(
		'cannot be used',
		() =>
			new Tokenizer({ added_tokens: [], ...checkedTokenizerJson(corrected(json), account) }, {}),
	);

/**
 * The same file with two corrections: the library's `Digits` knows only ASCII, unlike Python's, and `Strip` would drop
 * the space between a prompt and its continuation.
 */
function corrected(json: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	const part = (value: unknown, list: string, change: (one: Part) => Part | undefined): unknown => {
		if (!isRecord(value)) return value;
		const parts = value[list];
		if (!Array.isArray(parts)) return change(value) ?? value;
		return {
			...value,
			[list]: (parts as readonly unknown[]).flatMap((one) =>
				isRecord(one) ? (change(one) ?? []) : [one],
			),
		};
	};
	return {
		...json,
		pre_tokenizer: part(json['pre_tokenizer'], 'pretokenizers', (one) =>
			one['type'] === 'Digits' ? splitDigits(one['individual_digits'] === true) : one,
		),
		decoder: part(json['decoder'], 'decoders', (one) =>
			one['type'] === 'Strip' && one['content'] === ' ' && one['stop'] === 0 ? undefined : one,
		),
	};
}

/**
 * Added tokens that stand alone (`single_word`): no letter, digit or underscore beside them. `rest` is the file without
 * them; `split` cuts a text before and after each, so that every second part is one.
 */
function loneTokens(json: Readonly<Record<string, unknown>>): {
	readonly ids: ReadonlyMap<string, number>;
	readonly rest: Readonly<Record<string, unknown>>;
	split(text: string): readonly string[];
} {
	const added: readonly unknown[] = Array.isArray(json['added_tokens']) ? json['added_tokens'] : [];
	const isLone = (token: unknown): token is Part =>
		isRecord(token) && token['single_word'] === true;
	const lone = new Map(added.filter(isLone).map((token) => [String(token['content']), token]));
	const ids = new Map([...lone].map(([content, { id }]) => [content, Number(id)]));
	if (ids.size === 0) return { ids, rest: json, split: (text) => [text] };
	const literals = [...ids.keys()].map((text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
	const beside = String.raw`[\p{L}\p{M}\p{N}\p{Pc}]`;
	const alone = new RegExp(`(?<!${beside})(${literals.join('|')})(?!${beside})`, 'u');
	return {
		ids,
		rest: { ...json, added_tokens: added.filter((token) => !isLone(token)) },
		split: (text) => {
			const parts = text.split(alone);
			return parts.map((part, i) => {
				if (i % 2 === 1) return part;
				const before = lone.get(parts[i - 1] ?? '')?.['rstrip'] === true ? part.trimStart() : part;
				return lone.get(parts[i + 1] ?? '')?.['lstrip'] === true ? before.trimEnd() : before;
			});
		},
	};
}

const splitDigits = (each: boolean): Part => ({
	type: 'Split',
	pattern: { Regex: each ? String.raw`\p{N}` : String.raw`\p{N}+` },
	behavior: 'Isolated',
	invert: false,
});
