/** @file State of an answer during decoding: allowed tokens, sampled tokens, stop check, result. */
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { Generation, StopReason, TokenPiece } from '../engine.ts';
import type { TokenForm, TokenSet } from '../forms/token-form.ts';
import { findStop } from '../stop-text.ts';
import { tokenText } from '../token-text.ts';
import type { Choice, RowLimits } from './sampling.ts';

export interface OpenAnswer {
	/** Allowed and penalised tokens of the next step. */
	limits(): RowLimits;
	/** Adds a token; returns the pieces whose text is final. */
	take(choice: Choice): readonly TokenPiece[];
	readonly ended: boolean;
	/** The pieces held back, and the answer. */
	close(aborted: boolean): { readonly pieces: readonly TokenPiece[]; readonly answer: Generation };
}

/** Length limit of an answer. */
export interface AnswerRoom {
	/** Tokens, the end token included. */
	readonly tokens: number;
	/** The limit that applies: `maxTokens`, or the model's context. */
	readonly reason: 'length' | 'context';
}

/** Length limit after a prompt; undefined if the prompt fills the context. */
export function roomFor(
	prompt: number,
	maxTokens: number,
	contextLength: number,
): AnswerRoom | undefined {
	const left = contextLength - prompt;
	if (prompt === 0 || left < 1) return undefined;
	return left < maxTokens
		? { tokens: left, reason: 'context' }
		: { tokens: maxTokens, reason: 'length' };
}

/**
 * Opens an answer to a prompt; `form` constrains it to a grammar. It is opened when the first token is due: an automaton
 * takes up to a second to build, and hundreds of answers may wait in a queue.
 */
export function openAnswer(
	prompt: readonly number[],
	tokenizer: TextTokenizer,
	options: {
		readonly stop?: readonly string[] | undefined;
		readonly form?: (() => TokenForm | undefined) | undefined;
		readonly repetitionPenalty?: number | undefined;
		readonly endTokens: ReadonlySet<number>;
		readonly room: AnswerRoom;
		/** Return pieces as well as the answer. */
		readonly stream?: boolean;
	},
): OpenAnswer {
	const { stop = [], repetitionPenalty = 1, endTokens, room } = options;
	const penalised = repetitionPenalty === 1 ? undefined : new Set(prompt);
	const text = stop.length > 0 || options.stream ? tokenText(tokenizer.decode) : undefined;
	const search = findStop<TokenPiece>(stop);
	let form: TokenForm | undefined;
	let place = 0;
	let atEnd = false;
	const made: Choice[] = [];
	const shown: TokenPiece[] = [];
	/** The newest token, while its text is incomplete. */
	let pending: Choice | undefined;
	const show = (pieces: readonly TokenPiece[]): readonly TokenPiece[] => {
		shown.push(...pieces);
		return pieces;
	};

	/** The piece of the pending token, with what there is of its text if the answer ends here. */
	const settle = (end: boolean): readonly TokenPiece[] => {
		const pieces = pending
			? search.push({ ...pending, text: end ? (text?.rest() ?? '') : '' })
			: [];
		pending = undefined;
		return show(pieces);
	};

	const isStopped = (): boolean => atEnd || search.stopped;
	const reason = (aborted: boolean): StopReason => {
		if (isStopped()) return 'stop';
		return made.length >= room.tokens ? room.reason : aborted ? 'aborted' : 'length';
	};

	return {
		limits: (): { penalised: ReadonlySet<number> | undefined; allowed: TokenSet | undefined } => {
			if (made.length === 0 && options.form) {
				form = options.form();
				place = form?.start ?? 0;
			}
			return { penalised, allowed: form?.allowed(place) };
		},
		take: (choice) => {
			made.push(choice);
			penalised?.add(choice.token);
			atEnd = endTokens.has(choice.token);
			if (form && !atEnd) place = form.after(place, choice.token);
			if (!text) return [];
			const before = settle(atEnd);
			// Without the end token's text, whatever it is: an answer does not contain its end.
			const added = atEnd ? '' : text.push(choice.token);
			if (added !== '' || atEnd)
				return [...before, ...show(search.push({ ...choice, text: added }))];
			pending = choice;
			return before;
		},
		get ended() {
			return isStopped() || made.length >= room.tokens;
		},
		close: (aborted) => {
			const pieces = [...settle(true), ...show(search.flush())];
			const { stopped } = search;
			const kept: readonly Choice[] = stopped ? shown : made;
			const tokens = kept.map(({ token }) => token);
			return {
				pieces,
				answer: {
					text: stopped
						? shown.map((piece) => piece.text).join('')
						: tokenizer.decode(atEnd ? tokens.slice(0, -1) : tokens),
					tokens,
					logprobs: kept.map(({ logprob }) => logprob),
					stopReason: reason(aborted),
				},
			};
		},
	};
}
