/** @file Validation of chat-completions replies: whole answers and streamed chunks. */
import { isRecord } from '#base/untrusted/is-record.ts';
import { quote } from '#base/untrusted/quote.ts';
import type { StopReason, TokenPiece } from '../engine.ts';
import { EndpointFailure } from './failure.ts';

/** Token id if the server sends none: such a token has a text and may have a log-probability. */
export const unknownToken = -1;

/** One choice of a reply, whole or a chunk. */
export interface ReplyChoice {
	readonly index: number;
	readonly text: string;
	/** A piece for each token if log-probabilities are present, otherwise one, or none without text. */
	readonly pieces: readonly TokenPiece[];
	/** Absent while the answer goes on. */
	readonly finish?: StopReason;
}

type Fields = ReadonlyMap<string, unknown>;
const fields = (value: unknown): Fields =>
	new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const wrong = (problem: string): never => {
	throw new EndpointFailure(
		`The endpoint's reply ${problem}. Use the address of a chat-completions server; it usually ends in /v1.`,
		{ status: 200 },
	);
};

/** The choices of a `chat.completion` or of one of its chunks; throws EndpointFailure on any other reply. */
export function readChoices(reply: unknown): readonly ReplyChoice[] {
	const choices = fields(reply).get('choices');
	if (!Array.isArray(choices)) return wrong(`holds no choices: ${quote(reply)}`);
	return choices.map((choice, place) => readChoice(choice, place));
}

function readChoice(choice: unknown, place: number): ReplyChoice {
	if (!isRecord(choice)) return wrong(`holds a choice that is none: ${quote(choice)}`);
	const { delta, message = delta, finish_reason: finish, index } = choice;
	const words: unknown = delta ?? message;
	const hasWords = words !== undefined && words !== null;
	if (hasWords ? !isRecord(words) : typeof finish !== 'string')
		return wrong(`holds a choice without a message: ${quote(choice)}`);
	const content = fields(words).get('content');
	// A call of a tool, or a first chunk with the role alone.
	const text = content ?? '';
	if (typeof text !== 'string') return wrong(`holds content that is no text: ${quote(content)}`);
	return {
		index: typeof index === 'number' ? index : place,
		text,
		pieces: readPieces(text, list(fields(choice['logprobs']).get('content'))),
		...(typeof finish === 'string' ? { finish: finish === 'length' ? 'length' : 'stop' } : {}),
	};
}

function readPieces(text: string, entries: readonly unknown[]): readonly TokenPiece[] {
	const tokens = entries.map((entry) => {
		const at = fields(entry);
		const [own, logprob, id] = [at.get('token'), at.get('logprob'), at.get('id')];
		const written = typeof own === 'string' ? own : '';
		// vLLM writes `token_id:17` if asked to, llama.cpp sends `id`.
		const named = /^token_id:(\d+)$/.exec(written)?.[1];
		return {
			token: typeof id === 'number' ? id : named === undefined ? unknownToken : Number(named),
			text: written,
			logprob: typeof logprob === 'number' ? logprob : NaN,
		};
	});
	if (tokens.length === 0) return text === '' ? [] : [{ token: unknownToken, text, logprob: NaN }];
	if (tokens.map((token) => token.text).join('') === text) return tokens;
	// Partial characters, or ids as texts: the whole text then comes with the last token.
	return tokens.map((token, i) => ({ ...token, text: i === tokens.length - 1 ? text : '' }));
}
