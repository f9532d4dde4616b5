/** @file A person's data and what was learnt of it, as it is stored: one project at a time, with one schema. */
import * as v from 'valibot';
import { count, finite, flag, list, number, object, oneOf, text } from '#base/schema.ts';
import { outcomeKinds } from '#chat/audit/report.ts';
import { settingsSchema } from '#chat/lineage.ts';
import { checks, type Check } from '#dataset/row.ts';
import { formatNames } from '#dataset/formats.ts';
import { treatments, textUses } from '#dataset/refine/prepare.ts';
import type { Examination, Verdict } from './verdict.ts';

/** As `ImportedFile`. */
const file = object({
	name: text,
	format: oneOf(formatNames),
	size: count,
	rows: count,
	problems: count,
	columns: v.exactOptional(
		object({
			names: list(text),
			question: v.exactOptional(text),
			answer: v.exactOptional(text),
		}),
	),
	authors: v.exactOptional(list(v.tuple([text, count]))),
	me: v.exactOptional(text),
});

const treatment = oneOf(treatments);
const preparation = object({
	personal: object({ mail: treatment, phone: treatment, card: treatment, key: treatment }),
	duplicates: oneOf(['keep', 'drop']),
	validation: finite,
	excluded: list(text),
	texts: v.optional(oneOf(textUses), 'as-is'),
});

/** How lessons were written of the text, and how many of them came to each end. */
const writing = object({
	model: text,
	seed: count,
	counts: object(
		Object.fromEntries(checks.map((check) => [check, count])) as Record<Check, typeof count>,
	),
});

const point = object({
	step: count,
	loss: number,
	gradientNorm: number,
	learningRate: finite,
	tokens: count,
	durationMs: finite,
});

const estimate = object({
	mean: number,
	/** JSON has no infinity: an interval without end. */
	low: v.pipe(
		v.nullable(number),
		v.transform((value) => value ?? -Infinity),
	),
	high: v.pipe(
		v.nullable(number),
		v.transform((value) => value ?? Infinity),
	),
	n: count,
});
const figure = object({ before: number, after: number, difference: estimate });
const examination = object({
	on: oneOf(['validation', 'training']),
	seed: count,
	loss: figure,
	exact: v.exactOptional(figure),
	rouge: v.exactOptional(figure),
	preferred: v.exactOptional(figure),
	margin: v.exactOptional(figure),
	plain: v.exactOptional(figure),
	instructions: v.exactOptional(figure),
	shown: list(object({ asked: text, wanted: text, before: text, after: text })),
}) satisfies v.GenericSchema<unknown, Examination>;

const verdict = object({
	kind: oneOf(['better', 'forgot', 'worse', 'none']),
	sentence: text,
}) satisfies v.GenericSchema<unknown, Verdict>;

const parameters = object({
	kind: v.literal('lora'),
	rank: count,
	alpha: finite,
	targets: list(text),
});

const snapshot = object({
	steps: count,
	parameters,
	state: text,
	best: v.exactOptional(text),
});

const lesson = object({
	id: text,
	name: text,
	model: text,
	/** Longer rows are cut. */
	maxTokens: count,
	settings: settingsSchema,
	/** Rows that were written as tokens. */
	training: count,
	validation: count,
	/** SHA-256 of the ids of the rows trained on. */
	data: text,
	notes: list(text),
	status: oneOf(['running', 'paused', 'done', 'best', 'failed']),
	points: list(point),
	validations: list(object({ step: count, loss: number })),
	/** Step of the weights that were kept. */
	step: v.exactOptional(count),
	/** Id of the adapter, once it is kept. */
	adapter: v.exactOptional(text),
	/** Files of the snapshot to go on from. */
	snapshot: v.exactOptional(snapshot),
	/** The last one of the first pass, to forget from rows that came up after it. */
	early: v.exactOptional(snapshot),
	/** Of an adapter that was trained anew without some rows. */
	forgets: v.exactOptional(
		object({
			/** Id of the adapter before. */
			adapter: text,
			/** Ids of the rows left out now, those that are like them included, as they were read. */
			rows: list(text),
			/** Step from which it is trained; 0: from the start. */
			from: count,
		}),
	),
	/** What was compared of it and the adapter before. */
	proof: v.exactOptional(
		object({
			/** Of the adapter before, on the rows of now. */
			before: examination,
			/** Rows left out, with what an audit found of them before and after. */
			texts: list(
				object({
					row: text,
					before: oneOf(outcomeKinds),
					after: oneOf(outcomeKinds),
					/** Is it said to the prompt that the adapter before said it to? Null if there was none. */
					retried: v.nullable(flag),
				}),
			),
		}),
	),
	/** Ids of the rows that were audited, in the order of the report. */
	audited: v.exactOptional(list(text)),
	examination: v.exactOptional(examination),
	verdict: v.exactOptional(verdict),
	fault: v.exactOptional(text),
});

/** Schema of `project.json`. */
export const projectSchema = object({
	version: v.literal(1),
	files: list(file),
	problems: list(object({ file: text, line: count, message: text })),
	problemCount: count,
	skipped: count,
	preparation,
	writing: v.exactOptional(writing),
	lesson: v.nullable(lesson),
	/** The lesson before something was forgotten, until its adapter is deleted. */
	before: v.optional(v.nullable(lesson), null),
	/** The step at which the person was. */
	at: v.optional(oneOf(['data', 'rows', 'train', 'examine', 'audit', 'forget']), 'data'),
});

export type Project = v.InferOutput<typeof projectSchema>;
export type ProjectLesson = v.InferOutput<typeof lesson>;
export type ProjectStep = Project['at'];

/** A lesson that was running when the tab was closed waits at its last snapshot. */
export const cutOff = (one: Project['lesson']): Project['lesson'] =>
	one?.status === 'running' ? { ...one, status: 'paused' } : one;
