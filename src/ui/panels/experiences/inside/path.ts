/** @file Path of one experience through its round, as data: tokens with probabilities, training, examination. */
import type { Environment } from '#environments/environment.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import { t } from '../../../language/language.svelte.ts';
import { percent, percentSign } from '../../../language/numbers.ts';
import type { Turn } from '#loop/rollout/rollout.ts';
import type { Score, ScoreCell } from '#loop/types.ts';
import { acceptedScores } from '#runs/measure/accepted.ts';
import { cellPairs } from '#runs/measure/share.ts';
import type { RowTraining } from '#storage/runs/store.ts';

/** A token as it is drawn. */
export interface Piece {
	/** Empty for a token without a text, as an end mark is. */
	readonly text: string;
	/** Description for a pointer or a screen reader: `“7”: 98 %`. */
	readonly words: string;
	/** 0 to 1: how deep its colour is. */
	readonly depth: number;
}

/** White space that would not be seen is drawn; a token without a text is the end. */
export const visible = (text: string): string =>
	text === '' ? '■' : text.replaceAll('\n', '⏎').replaceAll('\t', '⇥');

const quoted = (text: string): string => (text === '' ? t('tokens.end') : `“${visible(text)}”`);

/** `98 %`, `under 0.1 %` */
export const chance = (p: number): string =>
	p < 0.001
		? t('tokens.under', { share: percent(0.001) })
		: `${(100 * p).toFixed(p < 0.1 || (p > 0.99 && p < 1) ? 1 : 0)}${percentSign()}`;

/** Texts of the tokens of a turn where each character is one, as in our own small models; undefined elsewhere. */
export function charactersOf({ content, tokens = [] }: Turn): readonly string[] | undefined {
	const characters = Array.from(content);
	const missing = tokens.length - characters.length;
	if (tokens.length === 0 || missing < 0 || missing > 1) return undefined;
	// Equal characters are equal tokens, or this is another vocabulary.
	const tokenOf = new Map<string, number | undefined>();
	for (const [i, character] of characters.entries()) {
		const known = tokenOf.get(character);
		if (known !== undefined && known !== tokens[i]) return undefined;
		tokenOf.set(character, tokens[i]);
	}
	if (new Set(tokenOf.values()).size !== tokenOf.size) return undefined;
	return missing === 1 ? [...characters, ''] : characters;
}

/** Sampled tokens with the probability that each had; empty if they were not stored. */
export const sampledPieces = (
	{ logprobs = [] }: Turn,
	texts: readonly string[],
): readonly Piece[] =>
	logprobs.length !== texts.length
		? []
		: texts.map((text, i) => {
				const logprob = logprobs[i] ?? 0;
				return {
					text,
					words: t('tokens.is', { text: quoted(text), chance: chance(Math.exp(logprob)) }),
					depth: Math.min(1, Math.max(0, -logprob / 6)),
				};
			});

/** Trained tokens with their weights; the heaviest is the deepest. */
export function trainedPieces({ tokens, weights }: NonNullable<RowTraining['said']>): {
	readonly pieces: readonly Piece[];
	/** The weight that all have, or null. */
	readonly even: number | null;
} {
	const each = typeof weights === 'number' ? tokens.map(() => weights) : weights;
	const most = Math.max(...each.map(Math.abs), 1e-9);
	return {
		even: typeof weights === 'number' ? weights : null,
		pieces: tokens.map((text, i) => ({
			text,
			words: t('tokens.weight', { text: quoted(text), weight: each[i] ?? 0 }),
			depth: Math.abs(each[i] ?? 0) / most,
		})),
	};
}

/** Probability of the whole answer before and after an update; null if its loss was not measured. */
export function answerChances({
	said,
	before,
	after,
}: RowTraining): readonly [before: string, after: string] | null {
	if (!said || before === undefined || after === undefined) return null;
	const of = (loss: number): string => chance(Math.exp(-loss * said.tokens.length));
	return [of(before), of(after)];
}

/** A held-out item that is answered otherwise after a round than before it. */
export interface ChangedItem {
	readonly task: string;
	readonly change: 'won' | 'lost';
}

/** What an examination says beside the one before it. */
export interface Exam {
	/** The examination before: its round. */
	readonly since: number;
	readonly rolledBack: boolean;
	readonly won: number;
	readonly lost: number;
	readonly n: number;
	/** Items of one difficulty and stratum that changed, and how many were asked there. */
	readonly near: readonly ChangedItem[];
	readonly nearN: number;
}

/** Why nobody can say which items changed: not examined yet, or the answers of one of both were not stored one by one. */
export type NoExam = 'not-yet' | 'not-stored';

/** Held-out items that round t won and lost; `near` are those of this difficulty and stratum. */
export function examOf(
	scores: readonly Score[],
	t: number,
	environment: Environment,
	seed: number,
	{ difficulty, stratum }: Pick<ScoreCell, 'difficulty' | 'stratum'>,
): Exam | NoExam {
	const after = scores.find((score) => score.t === t);
	const before = acceptedScores(scores).findLast((score) => score.t < t);
	if (!after || !before) return 'not-yet';
	const pairs = cellPairs(before, after).flatMap(([a, b]) => {
		const [was = '', is = ''] = [a.outcomes, b.outcomes];
		return was !== '' && was.length === is.length ? [{ cell: a, was, is }] : [];
	});
	if (pairs.length === 0) return 'not-stored';
	const marks = pairs.map(({ cell, was, is }) => ({
		cell,
		changes: Array.from(was, (mark, i) => changeOf(mark, is[i] ?? '?')),
	}));
	const all = marks.flatMap(({ changes }) => changes);
	const own = marks.find(({ cell }) => cell.difficulty === difficulty && cell.stratum === stratum);
	const count = own?.changes.length ?? 0;
	const items = own ? heldOutQuestions(environment, seed, { difficulty, stratum, count }) : [];
	return {
		since: before.t,
		rolledBack: after.rolledBack !== undefined,
		won: all.filter((change) => change === 'won').length,
		lost: all.filter((change) => change === 'lost').length,
		n: all.length,
		near: items.flatMap(({ task }, i) => {
			const change = own?.changes[i];
			return change === 'won' || change === 'lost' ? [{ task: task.text, change }] : [];
		}),
		nearN: count,
	};
}

const changeOf = (was: string, is: string): 'won' | 'lost' | 'same' =>
	was === '-' && is === '+' ? 'won' : was === '+' && is === '-' ? 'lost' : 'same';
