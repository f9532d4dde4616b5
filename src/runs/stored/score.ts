/** @file The schema of an examination, as a run's record and recordings keep it. */
import * as v from 'valibot';
import { finite, list, matches, object, oneOf, type Schema } from '#base/schema.ts';
import type { PlaceScore, Score, ScoreCell } from '#loop/types.ts';

const string = v.string('is not text');

/** Correct answers out of n of one difficulty and stratum. */
export const scoreCellSchema = object({
	difficulty: finite,
	stratum: string,
	correct: finite,
	n: finite,
	malformed: v.exactOptional(v.record(v.string(), finite)),
	kinds: v.exactOptional(list(object({ kind: string, correct: finite, n: finite }))),
	faults: v.exactOptional(list(object({ fault: string, at: v.exactOptional(string), n: finite }))),
	outcomes: v.exactOptional(string),
	shown: v.exactOptional(
		list(
			object({
				...{ task: string, answer: string },
				verdict: oneOf(['correct', 'wrong', 'malformed', 'unjudged']),
			}),
		),
	),
	pass: v.exactOptional(object({ tries: finite, n: finite, at: v.record(v.string(), finite) })),
}) satisfies Schema<ScoreCell>;

/** Correct answers in another environment. */
const placeScoreSchema = object({
	environment: string,
	cells: list(scoreCellSchema),
}) satisfies Schema<PlaceScore>;

/** One round's examination; before November 2026 of one environment only. */
export const scoreSchema = object({
	t: finite,
	policy: string,
	cells: list(scoreCellSchema),
	frontier: finite,
	threshold: finite,
	findings: v.exactOptional(list(string)),
	perplexity: v.exactOptional(finite),
	recalled: v.exactOptional(finite),
	stored: v.exactOptional(v.literal(true)),
	rolledBack: v.exactOptional(string),
	elsewhere: v.exactOptional(list(placeScoreSchema)),
}) satisfies Schema<Score>;

/** True if this is one round's examination. */
export const isScore = (value: unknown): value is Score => matches(scoreSchema, value);
