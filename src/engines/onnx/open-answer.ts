/** @file An answer while it is made: what may follow, what was said, whether it has ended, and what it became. */
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { Generation, TokenPiece } from '../engine.ts';
import type { TokenForm, TokenSet } from '../forms/token-form.ts';
import { findStop } from '../stop-text.ts';
import { tokenText } from '../token-text.ts';
import type { Choice, RowLimits } from './sampling.ts';

export interface OpenAnswer {
	/** What the next token may be, and which ones are penalised. */
	limits(): RowLimits;
	/** Adds a token; gives the pieces whose text is settled. */
	take(choice: Choice): readonly TokenPiece[];
	readonly ended: boolean;
	/** The pieces held back, and the answer. */
	close(aborted: boolean): { readonly pieces: readonly TokenPiece[]; readonly answer: Generation };
}

/** Opens an answer to a prompt; `form` holds it to a form. */
export function openAnswer(
	prompt: readonly number[],
	tokenizer: TextTokenizer,
	options: {
		readonly stop?: readonly string[];
		readonly form?: TokenForm | undefined;
		readonly repetitionPenalty?: number;
		/** Pieces are wanted, not only the answer. */
		readonly stream?: boolean;
	},
): OpenAnswer {
	const { form, stop = [], repetitionPenalty = 1 } = options;
	const said = repetitionPenalty === 1 ? undefined : new Set(prompt);
	const text = stop.length > 0 || options.stream ? tokenText(tokenizer.decode) : undefined;
	const search = findStop<TokenPiece>(stop);
	let place = form?.start ?? 0;
	let atEnd = false;
	const made: Choice[] = [];
	const shown: TokenPiece[] = [];
	const show = (pieces: readonly TokenPiece[]): readonly TokenPiece[] => {
		shown.push(...pieces);
		return pieces;
	};

	return {
		limits: (): { said: ReadonlySet<number> | undefined; allowed: TokenSet | undefined } => ({
			said,
			allowed: form?.allowed(place),
		}),
		take: (choice) => {
			made.push(choice);
			said?.add(choice.token);
			atEnd = choice.token === tokenizer.endToken;
			if (form && !atEnd) place = form.after(place, choice.token);
			if (!text) return [];
			return show(search.push({ ...choice, text: text(choice.token) }));
		},
		get ended() {
			return atEnd || search.stopped;
		},
		close: (aborted) => {
			const { stopped } = search;
			const pieces = show(search.flush());
			const kept: readonly Choice[] = stopped ? shown : made;
			const tokens = kept.map(({ token }) => token);
			return {
				pieces,
				answer: {
					text: stopped ? shown.map((piece) => piece.text).join('') : tokenizer.decode(tokens),
					tokens,
					logprobs: kept.map(({ logprob }) => logprob),
					stopReason: atEnd || stopped ? 'stop' : aborted ? 'aborted' : 'length',
				},
			};
		},
	};
}
