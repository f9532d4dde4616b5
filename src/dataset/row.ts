/** @file Row of a person's data set: what it teaches, and the place of it in their files. */
import * as v from 'valibot';
import { hash32 } from '#base/random.ts';
import { anyObject, count, flag, list, number, object, oneOf, text } from '#base/schema.ts';
import type { TrainingRow, TrainingTurn } from '#training/data/training-row.ts';

/** Text that goes on, or messages. */
export type Said = string | readonly TrainingTurn[];

/** What a row teaches: an answer, the better of two, or one answer with a verdict (KTO). */
export type Lesson =
	| { readonly kind: 'answer'; readonly row: TrainingRow }
	| {
			readonly kind: 'preference';
			readonly prompt: Said;
			readonly chosen: Said;
			readonly rejected: Said;
	  }
	| { readonly kind: 'judged'; readonly row: TrainingRow; readonly good: boolean };

/** What the check of a question found that a model wrote, or what kept it from being one. */
export const checks = [
	'kept',
	'not-answerable',
	'already-known',
	'not-grounded',
	'malformed',
] as const;
export type Check = (typeof checks)[number];

/** Origin of a row that a model or a rule wrote. */
export interface Written {
	/** The text that it is made of. */
	readonly passage: string;
	/** `kept` too if a person has edited it. */
	readonly check: Check;
	/** Absent if a model wrote it. */
	readonly by?: 'rule';
}

export interface DataRow {
	/** Hash of what it teaches: the same content has the same id in every file. */
	readonly id: string;
	/** Document or conversation that it is a part of: all of it falls on one side of the split. */
	readonly source: string;
	readonly file: string;
	/** From 1; of the first line, if it has several. */
	readonly line: number;
	readonly lesson: Lesson;
	/** Absent if a person wrote it. */
	readonly written?: Written;
}

/** A lesson, and the source that it names itself. */
export interface ReadLesson {
	readonly lesson: Lesson;
	readonly source?: string;
}

const turn = v.object({
	role: text,
	content: v.nullable(text),
	fields: v.exactOptional(anyObject),
	taught: v.exactOptional(flag),
});
const said = v.union([text, list(turn)], 'is neither text nor messages');
const settings = {
	weight: v.exactOptional(number),
	variables: v.exactOptional(anyObject),
	unused: v.exactOptional(list(text)),
};
const taught = v.union(
	[
		v.object({ prompt: text, completion: text, ...settings }),
		v.object({ prompt: list(turn), completion: list(turn), ...settings }),
		v.object({ messages: list(turn), ...settings }),
	],
	'is no row to learn from',
);

/** Schema of stored and exported rows. */
export const dataRow = object({
	id: text,
	source: text,
	file: text,
	line: count,
	lesson: v.variant(
		'kind',
		[
			v.object({ kind: v.literal('answer'), row: taught }),
			v.object({ kind: v.literal('preference'), prompt: said, chosen: said, rejected: said }),
			v.object({ kind: v.literal('judged'), row: taught, good: flag }),
		],
		'is no lesson',
	),
	written: v.exactOptional(
		object({ passage: text, check: oneOf(checks), by: v.exactOptional(v.literal('rule')) }),
	),
}) satisfies v.GenericSchema<unknown, DataRow>;

/** A row with its id. */
export function rowOf(place: Omit<DataRow, 'id' | 'lesson'>, lesson: Lesson): DataRow {
	const content = JSON.stringify(lesson);
	const hex = (salt: string): string =>
		hash32(salt + content)
			.toString(16)
			.padStart(8, '0');
	return { id: hex('') + hex('#'), ...place, lesson };
}

/** The lesson with each of its texts changed; settings stay. */
export function mapTexts(lesson: Lesson, change: (text: string) => string): Lesson {
	const changed = (part: Said): Said => (typeof part === 'string' ? change(part) : turns(part));
	const turns = (part: readonly TrainingTurn[]): readonly TrainingTurn[] =>
		part.map((one) => (one.content === null ? one : { ...one, content: change(one.content) }));
	const ofRow = (row: TrainingRow): TrainingRow => {
		if ('messages' in row) return { ...row, messages: turns(row.messages) };
		if (typeof row.prompt === 'string' && typeof row.completion === 'string')
			return { ...row, prompt: change(row.prompt), completion: change(row.completion) };
		return typeof row.prompt === 'string' || typeof row.completion === 'string'
			? row
			: { ...row, prompt: turns(row.prompt), completion: turns(row.completion) };
	};
	switch (lesson.kind) {
		case 'answer':
		case 'judged':
			return { ...lesson, row: ofRow(lesson.row) };
		case 'preference':
			return {
				...lesson,
				prompt: changed(lesson.prompt),
				chosen: changed(lesson.chosen),
				rejected: changed(lesson.rejected),
			};
		default:
			return lesson satisfies never;
	}
}

/** All texts of a lesson, in their order. */
export function textsOf(lesson: Lesson): readonly string[] {
	const texts: string[] = [];
	mapTexts(lesson, (one) => {
		texts.push(one);
		return one;
	});
	return texts;
}

/** What is asked and what is answered, each as one text, for people; `worse` is the rejected answer of a preference. */
export function shownLesson(lesson: Lesson): {
	readonly asked: string;
	readonly answered: string;
	readonly worse?: string;
} {
	if (lesson.kind === 'preference') {
		const { prompt, chosen, rejected } = lesson;
		return { asked: asText(prompt), answered: asText(chosen), worse: asText(rejected) };
	}
	const { row } = lesson;
	if (!('messages' in row)) return { asked: asText(row.prompt), answered: asText(row.completion) };
	const last = row.messages.findLastIndex(({ role }) => role === 'assistant');
	return {
		asked: asText(row.messages.slice(0, last)),
		answered: row.messages[last]?.content ?? '',
	};
}

const asText = (part: Said): string =>
	typeof part === 'string' ? part : part.map(({ content }) => content ?? '').join('\n');

/** Text that is learnt as it is; undefined for questions, conversations and preferences. */
export function plainText(lesson: Lesson): string | undefined {
	if (lesson.kind !== 'answer' || 'messages' in lesson.row) return undefined;
	const { prompt, completion } = lesson.row;
	return prompt === '' && typeof completion === 'string' ? completion : undefined;
}
