/** @file One experience in words: its answer, agreement and fate. */
import type { Experience } from '#loop/types.ts';
import type { Sample } from '../state/world.svelte.ts';
import { percent } from './words.ts';

/** The answer that the feedback is about, else the first one given. */
export const answerOf = ({ feedback, rollouts }: Experience): string | null =>
	feedback.kind === 'scored' ? feedback.answer : (rollouts[0]?.answer ?? null);

/** A mark per rollout: right by the environment's reward, else the same answer as the chosen one. */
export function pipsOf(experience: Experience): { each: readonly boolean[]; words: string } {
	const { feedback, rollouts } = experience;
	if (feedback.kind === 'scored' && feedback.source === 'environment')
		return {
			each: feedback.each.map((score) => score !== null && score >= 0.5),
			words: 'are right',
		};
	const answer = answerOf(experience);
	return {
		each: rollouts.map((rollout) => rollout.answer !== null && rollout.answer === answer),
		words: 'agree',
	};
}

/** Score and its source, or the reason why there is none. */
export const judgementWords = ({ feedback }: Experience): string =>
	feedback.kind === 'scored'
		? `${percent(feedback.score)}, by ${feedback.source === 'model' ? 'the model itself' : 'the environment'}`
		: `not judged: ${feedback.reason}`;

export function fateWords({ experience, row }: Sample): string {
	if (row?.rejected) return 'no: rejected by hand';
	switch (experience.fate.kind) {
		case 'fresh':
			return 'not decided yet';
		case 'kept':
			return 'yes';
		case 'set-aside':
			return `no: ${experience.fate.reason}`;
		default:
			return experience.fate satisfies never;
	}
}

/** Source of the truth, and whether the loop learns from it. */
export const truthNote = (told: boolean): string =>
	told ? 'the verifier’s word, which this method learns from' : 'the loop is never told';

/** Verdict of the verifier. */
export function truthWords({ row }: Sample): { mark: string; words: string } {
	if (!row) return { mark: '…', words: 'not checked yet' };
	switch (row.verdict) {
		case 'correct':
			return { mark: '✓', words: 'true' };
		case 'wrong':
			return { mark: '✗', words: row.expected === '' ? 'false' : `false, it is ${row.expected}` };
		case 'malformed':
			return { mark: '✗', words: 'no answer could be read' };
		case 'unjudged':
			return { mark: '?', words: 'the verifier could not tell' };
		default:
			return row.verdict satisfies never;
	}
}
