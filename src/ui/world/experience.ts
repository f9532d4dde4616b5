/** @file One experience in words: its answer, agreement and fate. */
import type { Experience } from '#loop/types.ts';
import type { Sample } from '../state/world.svelte.ts';
import { said, t } from '../language/language.svelte.ts';
import { percent } from '../language/numbers.ts';

/** The answer that the feedback is about, else the first one given. */
export const answerOf = ({ feedback, rollouts }: Experience): string | null =>
	feedback.kind === 'scored' ? feedback.answer : (rollouts[0]?.answer ?? null);

/** A mark per rollout: right by the environment's reward, else the same answer as the chosen one. */
export function pipsOf(experience: Experience): {
	each: readonly boolean[];
	words: 'agree' | 'right';
} {
	const { feedback, rollouts } = experience;
	if (feedback.kind === 'scored' && feedback.source === 'environment')
		return {
			each: feedback.each.map((score) => score !== null && score >= 0.5),
			words: 'right',
		};
	const answer = answerOf(experience);
	return {
		each: rollouts.map((rollout) => rollout.answer !== null && rollout.answer === answer),
		words: 'agree',
	};
}

/** Score and its source, or the reason why there is none. */
export function judgementWords({ feedback }: Experience): string {
	if (feedback.kind !== 'scored')
		return t('experience.notJudged', { reason: said(feedback.reason) });
	const share = percent(feedback.score);
	return t(feedback.source === 'model' ? 'experience.byModel' : 'experience.byEnvironment', {
		share,
	});
}

export function fateWords({ experience, row }: Sample): string {
	if (row?.rejected) return t('experience.rejected');
	switch (experience.fate.kind) {
		case 'fresh':
			return t('experience.undecided');
		case 'kept':
			return t('experience.yes');
		case 'set-aside':
			return t('experience.no', { reason: said(experience.fate.reason) });
		default:
			return experience.fate satisfies never;
	}
}

/** Source of the truth, and whether the loop learns from it. */
export const truthNote = (told: boolean): string =>
	t(told ? 'experience.told' : 'experience.untold');

/** Verdict of the verifier. */
export function truthWords({ row }: Sample): { mark: string; words: string } {
	if (!row) return { mark: '…', words: t('experience.unchecked') };
	switch (row.verdict) {
		case 'correct':
			return { mark: '✓', words: t('experience.true') };
		case 'wrong':
			return { mark: '✗', words: falseWords(row.expected) };
		case 'malformed':
			return { mark: '✗', words: t('experience.unread') };
		case 'unjudged':
			return { mark: '?', words: t('experience.unsure') };
		default:
			return row.verdict satisfies never;
	}
}

const falseWords = (expected: string): string =>
	expected === '' ? t('experience.false') : t('experience.falseIs', { expected });
