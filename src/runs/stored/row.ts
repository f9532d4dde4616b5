/** @file Row of the experience table in the loop's terms: verdict of the verifier, fate, and payload. */
import { matches, object, oneOf } from '#base/schema.ts';
import type { Experience } from '#loop/types.ts';
import type { StoredRow } from '#storage/runs/store.ts';
import { fateKinds, readExperience } from './experience.ts';

/** The verifier's word on the answer that an experience stands for. */
export const verdicts = ['correct', 'wrong', 'malformed', 'unjudged'] as const;
export type Verdict = (typeof verdicts)[number];

/** One row of the experience table. `payload` is the loop's Experience; the rest is what one filters and sorts by. */
export interface ExperienceRow<Payload = unknown> extends StoredRow<Payload> {
	readonly verdict: Verdict;
	readonly fate: Experience['fate']['kind'];
}

const wordsSchema = object({ verdict: oneOf(verdicts), fate: oneOf(fateKinds) });

const speaksOurs = (row: StoredRow): row is ExperienceRow => matches<unknown>(wordsSchema, row);

/** The row with the experience that it holds; undefined if it holds none, or another one than it says. */
export function readRow(row: StoredRow): ExperienceRow<Experience> | undefined {
	const payload = readExperience(row.payload);
	if (!payload || !speaksOurs(row)) return undefined;
	if (payload.id !== row.id || payload.t !== row.t || payload.fate.kind !== row.fate)
		return undefined;
	return { ...row, payload };
}

/**
 * The row for a list, its payload unread. A damaged one is listed too, as one that nobody judged and that was set aside:
 * nothing is ever trained on it.
 */
export const listedRow = (row: StoredRow): ExperienceRow =>
	speaksOurs(row)
		? row
		: { ...row, verdict: 'unjudged', fate: 'set-aside', reason: 'This row cannot be read.' };
