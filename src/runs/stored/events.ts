/** @file Schema of session events in recordings: all fields that the page reads when it plays them. */
import * as v from 'valibot';
import { anyObject, finite, list, matches, object } from '#base/schema.ts';
import type { Progress } from '#loop/types.ts';
import type { SessionEvent } from '../session.ts';
import { readExperience } from './experience.ts';
import { scoreCellSchema, scoreSchema } from './score.ts';

const string = v.string('is not text');
const anyList = list(v.unknown());

/** A record as a recording keeps it: without state and curve, which the page does not need of it. */
const recordedRun = object({
	id: string,
	status: string,
	recipe: object({ knobs: anyObject }),
	scores: anyList,
	truths: anyList,
	curve: anyList,
});

const experience = v.custom<unknown>(
	(value) => readExperience(value) !== undefined,
	'is no experience',
);

const progress = {
	step: object({ kind: v.literal('step'), t: finite, cell: string, done: finite }),
	sample: object({ kind: v.literal('sample'), t: finite, experience }),
	trained: object({
		kind: v.literal('trained'),
		t: finite,
		step: finite,
		report: anyObject,
		metrics: v.exactOptional(v.record(v.string(), finite)),
	}),
	examined: object({
		kind: v.literal('examined'),
		t: finite,
		cell: scoreCellSchema,
		environment: v.exactOptional(string),
	}),
} satisfies { readonly [Kind in Progress['kind']]: Schemas<'kind', Kind> };

const events = {
	opened: object({ type: v.literal('opened'), engine: string, trainer: string }),
	run: object({ type: v.literal('run'), run: recordedRun }),
	status: object({ type: v.literal('status'), status: string }),
	began: object({ type: v.literal('began'), t: finite, phase: string, difficulty: finite }),
	progress: object({
		type: v.literal('progress'),
		progress: v.variant('kind', [
			progress.step,
			progress.sample,
			progress.trained,
			progress.examined,
		]),
	}),
	committed: object({
		type: v.literal('committed'),
		run: recordedRun,
		rows: list(object({ id: string })),
		score: v.optional(scoreSchema),
	}),
	failed: object({ type: v.literal('failed'), error: object({ message: string }) }),
} satisfies { readonly [Type in SessionEvent['type']]: Schemas<'type', Type> };

/** Schema of one variant, identified by one key. */
type Schemas<Key extends string, Name extends string> = v.GenericSchema<
	unknown,
	Readonly<Record<Key, Name>>
>;

export const eventSchema = v.variant('type', [
	events.opened,
	events.run,
	events.status,
	events.began,
	events.progress,
	events.committed,
	events.failed,
]);

const isEvent = (value: unknown): value is SessionEvent => matches<unknown>(eventSchema, value);

/** The event with today's form of what it holds; undefined if it is none of the session's stream. */
export function readEvent(value: unknown): SessionEvent | undefined {
	if (!isEvent(value)) return undefined;
	if (value.type !== 'progress' || value.progress.kind !== 'sample') return value;
	const sample = readExperience(value.progress.experience);
	return sample && { ...value, progress: { ...value.progress, experience: sample } };
}
