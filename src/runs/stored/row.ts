/** @file Row of the experience table in the loop's terms: verdict of the verifier, fate, and payload. */
import { matches, object, oneOf } from '#base/schema.ts';
import type { Experience } from '#loop/types.ts';
import type { FoundRow, StoredRow } from '#storage/runs/store.ts';
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
export function readRow(row: FoundRow): ExperienceRow<Experience> | undefined {
	if (row.damaged !== undefined) return undefined;
	const payload = readExperience(row.payload);
	if (!payload || !speaksOurs(row)) return undefined;
	if (payload.id !== row.id || payload.t !== row.t || payload.fate.kind !== row.fate)
		return undefined;
	return { ...row, payload };
}

/** A row for a list; see `listedRow`. */
export interface ListedRow extends ExperienceRow {
	/** Why it cannot be read. */
	readonly damaged?: string;
}

/**
 * The row for a list, its payload unread. A damaged one is listed too, as one that nobody judged and that was set aside:
 * nothing is ever trained on it.
 */
export function listedRow(row: FoundRow): ListedRow {
	if (row.damaged === undefined && speaksOurs(row)) return row;
	const damaged = row.damaged ?? 'it is no experience';
	const reason = `This row cannot be read: ${damaged}.`;
	return { ...row, verdict: 'unjudged', fate: 'set-aside', reason, damaged };
}
