/** @file Policies that a typed task is asked of, and the words about them. */
import type { Recording } from '#runs/stored/recording.ts';
import type { GivenAnswer, TryAnswer } from '#runs/session.ts';

/** Titles of the answers, the base model's first, and a sentence under them. */
export interface Respondents {
	readonly titles: readonly string[];
	readonly note: string;
}

/** Respondents of one's own run: `mine` if there is one, `evolved` if its policy was trained. */
export const respondentsOfRun = (mine: boolean, evolved: boolean): Respondents => ({
	titles: ['before evolution', 'now'],
	note: evolved
		? ''
		: `${mine ? 'Nothing is trained yet' : 'There is no run of your own yet'}: both are the base model.`,
});

/** Respondents of a recorded run, or null if no adapters lie beside it. */
export function respondentsOfRecording(recording: Recording | null): Respondents | null {
	const rounds = recording?.adapters?.map(({ t }) => t) ?? [];
	if (rounds.length === 0) return null;
	const titles = ['start', ...rounds.map((t, i) => (i < rounds.length - 1 ? `round ${t}` : 'end'))];
	return {
		titles,
		note: `These are the recorded run’s models: ${inWords(rounds)}. Press Evolve for a run of your own.`,
	};
}

function inWords(rounds: readonly number[]): string {
	const names = ['before it learnt', ...rounds.map((t) => `after round ${t}`)];
	return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** Frontier at the end of a recording, whatever part of it has been played; null if it was not examined. */
export function lastFrontier({ events }: Recording): number | null {
	const last = events.findLast(({ event }) => event.type === 'committed' && event.score);
	return last?.event.type === 'committed' ? (last.event.score?.frontier ?? null) : null;
}

/** Answers in the order of their titles. */
export const answersIn = ({ before, between, now }: TryAnswer): readonly GivenAnswer[] => [
	before,
	...between,
	now,
];
