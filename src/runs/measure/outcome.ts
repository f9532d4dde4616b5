/**
 * @file Outcome of a run in one word with its reason, from its examinations and the truth of what it kept: it climbs, climbs
 * on errors, collapses, forgets or stands still. The truth is the verifier's; the run itself may never have seen it.
 */
import { fallOf, lostSkills, type Skill } from '#loop/4-evaluate/gate.ts';
import { wilson } from '#loop/interval.ts';
import type { Score } from '#loop/types.ts';
import type { TruthRow } from '#storage/runs/store.ts';
import { acceptedScores } from './accepted.ts';
import { sharedCells, tallyOf, type Tally } from './share.ts';

export interface Outcome {
	readonly kind: 'climbs' | 'climbs-on-errors' | 'collapses' | 'forgets' | 'stands-still';
	/** One sentence with the numbers that decided; empty where the frontier says it all. */
	readonly why: string;
}

/** Below this share of true labels a round trains on errors. */
const mostlyTrue = 0.75;
/** Labels that make a share worth telling. */
const enough = 20;

/** The kinds as predicates of the run. */
const verbs: Readonly<Record<Outcome['kind'], string>> = {
	climbs: 'climbs',
	'climbs-on-errors': 'climbs on errors',
	collapses: 'collapses',
	forgets: 'forgets',
	'stands-still': 'stands still',
};

/** `it climbs`, `it forgets: difficulty 5 (equal) fell from 200 of 200 to 170 of 200` */
export const outcomeWords = ({ kind, why }: Outcome): string =>
	`it ${verbs[kind]}${why === '' ? '' : `: ${why}`}`;

/** Undefined before the first round was examined. */
export function outcomeOf(
	scores: readonly Score[],
	truths: readonly TruthRow[],
): Outcome | undefined {
	const accepted = acceptedScores(scores);
	const [first] = accepted;
	const last = accepted.at(-1);
	if (!first || !last || scores.length < 2) return undefined;
	const judged = truths.filter(({ judged: n }) => n >= enough);
	const newest = judged.at(-1);
	const gained = last.frontier - first.frontier;
	// A run that recovered is none that errs.
	if (newest && share(newest) < mostlyTrue) {
		const why = `of what it kept in round ${newest.t} only ${percent(share(newest))} is true (${newest.correct} of ${newest.judged})`;
		const fell = share(newest) < Math.max(...judged.map(share)) / 2;
		return { kind: fell ? 'collapses' : gained > 0 ? 'climbs-on-errors' : 'stands-still', why };
	}
	const lost = forgotten(first, last);
	if (lost !== undefined) return { kind: 'forgets', why: lost };
	if (gained < 0)
		return {
			kind: 'forgets',
			why: `it masters ${last.frontier} now, and ${first.frontier} before`,
		};
	if (gained > 0) return { kind: 'climbs', why: '' };
	// Below the first mastered difficulty the frontier cannot tell.
	const [before, now] = rightOfBoth(first, last);
	return wilson(now.correct, now.n)[0] > wilson(before.correct, before.n)[1]
		? { kind: 'climbs', why: `${of(now)} are right now, and ${of(before)} before` }
		: { kind: 'stands-still', why: '' };
}

const of = ({ correct, n }: Tally): string => `${correct} of ${n}`;

/** Right answers of two examinations, in what both asked. */
export function rightOfBoth(a: Score, b: Score): readonly [a: Tally, b: Tally] {
	const [before, now] = sharedCells(a, b);
	return [tallyOf(before), tallyOf(now)];
}

const share = ({ correct, judged }: Pick<TruthRow, 'correct' | 'judged'>): number =>
	judged > 0 ? correct / judged : 0;
const percent = (part: number): string => `${Math.round(1000 * part) / 10} %`;

/** The mastered skill that fell most, beyond chance; undefined if none did. */
function forgotten(first: Score, last: Score): string | undefined {
	const [worst] = lostSkills('significant', first, last).toSorted((a, b) => lossOf(b) - lossOf(a));
	return worst && fallOf(worst);
}

const lossOf = ({ before, after }: Skill): number =>
	before.correct / before.n - after.correct / after.n;
