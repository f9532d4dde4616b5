/**
 * @file Checks of a `tokenizer.json` from outside, so that no text makes it work without end.
 *
 * The library runs what the file says: expressions that go back for ever, steps that double a text, ids that make a list
 * of billions. Expressions of published tokenizers stay as they are; others are replaced by bounded ones.
 */
import { isRecord } from '#base/untrusted/is-record.ts';
import { textLimits } from '#base/limits.ts';
import { quote } from '#base/untrusted/quote.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { growthOf } from './growth.ts';
import { chains, patternOf, stepsOf, type Chain, type Part } from './parts.ts';
import { BoundedExpression, refusePattern, type Account } from './patterns/bounded-expression.ts';
import { isKnownPattern } from './patterns/known.ts';

const fail = (problem: string): never => {
	throw new CheckpointError(`tokenizer.json: ${problem}`);
};

/** The same tokenizer for the library, with bounded expressions that spend from the account; throws on the rest. */
export function checkedTokenizerJson(json: Part, account: Account): Part {
	checkIds(json);
	checkModel(json['model']);
	const steps = {
		normalizer: stepsOf(json, 'normalizer'),
		pre_tokenizer: stepsOf(json, 'pre_tokenizer'),
		decoder: stepsOf(json, 'decoder'),
	};
	Object.values(steps).flat().forEach(checkStep);
	const { growth } = textLimits;
	if (!(growthOf([...steps.normalizer, ...steps.pre_tokenizer]) <= growth))
		fail(
			`its normalizer can make a text more than ${growth} times as long; use a tokenizer that does not.`,
		);
	if (!(growthOf(steps.decoder) <= growth))
		fail(
			`its decoder can make a text more than ${growth} times as long; use a tokenizer that does not.`,
		);
	const bounded = (chain: Chain): unknown =>
		steps[chain].some(isStrange) ? boundedChain(json[chain], chain, account) : json[chain];
	return {
		...json,
		normalizer: bounded('normalizer'),
		pre_tokenizer: bounded('pre_tokenizer'),
		decoder: bounded('decoder'),
		// It only adds tokens at the ends of a text, which is never asked for.
		post_processor: null,
	};
}

function checkIds({ model, added_tokens: added }: Part): void {
	const check = (token: string, id: unknown): void => {
		if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= textLimits.tokenIds)
			fail(`token ${quote(token)} has the id ${quote(id)}; ids are whole numbers from 0.`);
	};
	const vocabulary = isRecord(model) ? model['vocab'] : undefined;
	if (isRecord(vocabulary)) for (const [token, id] of Object.entries(vocabulary)) check(token, id);
	if (added === undefined || added === null) return;
	if (!Array.isArray(added)) return fail('added_tokens must be a list.');
	for (const token of added as readonly unknown[]) {
		const content = isRecord(token) ? token['content'] : undefined;
		if (!isRecord(token) || typeof content !== 'string')
			return fail(`added_tokens has ${quote(token)}, which is no token.`);
		check(content, token['id']);
	}
}

function checkModel(model: unknown): void {
	if (!isRecord(model)) return;
	const { max_input_chars_per_word: word, vocab } = model;
	const { wordPieceCharacters, unigramLengths } = textLimits;
	if (typeof word === 'number' && !(word <= wordPieceCharacters))
		fail(`max_input_chars_per_word may be ${wordPieceCharacters} at most, got ${word}.`);
	if (!Array.isArray(vocab)) return;
	const lengths = new Set<number>();
	for (const entry of vocab as readonly unknown[]) {
		const [token, score] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
		if (typeof token !== 'string' || typeof score !== 'number')
			return fail(`its vocabulary has ${quote(entry)}, which is no token with a score.`);
		lengths.add(token.length);
	}
	if (lengths.size > unigramLengths)
		fail(`its tokens have ${lengths.size} different lengths; ${unigramLengths} are supported.`);
}

function checkStep(step: Part): void {
	const source = patternOf(step);
	if (source !== undefined && source.length > textLimits.pattern)
		refusePattern(source, `more than ${textLimits.pattern} characters`);
	const { length } = step;
	if (step['type'] === 'FixedLength' && !(Number.isInteger(length) && Number(length) >= 1))
		fail(`FixedLength needs a length from 1, got ${quote(length)}.`);
}

const isStrange = (step: Part): boolean => {
	const source = patternOf(step);
	return source !== undefined && !isKnownPattern(source);
};

/** A step as the library makes it. */
interface Step {
	pattern?: RegExp | null;
}

/**
 * The chain as a sequence whose steps are made bounded. The library maps a sequence's list by its own maker of steps,
 * which is the one moment between their making and their first use: `map` here calls it and exchanges expressions.
 */
function boundedChain(value: unknown, chain: Chain, account: Account): unknown {
	if (!isRecord(value)) return value;
	const list = chains[chain];
	const inner = value['type'] === 'Sequence' ? value[list] : [value];
	const parts = (Array.isArray(inner) ? (inner as readonly unknown[]) : []).filter(isRecord);
	return {
		...(value['type'] === 'Sequence' ? value : { type: 'Sequence' }),
		[list]: {
			map: (make: (config: unknown) => Step): readonly Step[] =>
				parts.map((part) => {
					if (part['type'] === 'Sequence') return make(boundedChain(part, chain, account));
					const step = make(part);
					if (isStrange(part) && step.pattern)
						step.pattern = new BoundedExpression(step.pattern.source, step.pattern.flags, account);
					return step;
				}),
		},
	};
}
