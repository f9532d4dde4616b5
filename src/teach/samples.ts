/** @file Rows of the project as a model reads them: samples to train on, and rows to examine. */
import { SessionFailure } from '#base/failure.ts';
import { writeLesson } from '#chat/lesson.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { Sample } from '#training/data/sample.ts';
import type { WriteOptions } from '#training/data/write-rows.ts';
import type { TeachData } from './data.ts';
import type { ExaminedRow } from './examine.ts';

const mostExamined = 100;

export interface LessonSamples {
	readonly training: readonly Sample[];
	readonly validation: readonly Sample[];
	/** Rows left out or cut. */
	readonly notes: readonly string[];
}

/** Rows of both sides as tokens; refuses if nothing is left to learn. */
export function lessonSamples(model: OpenModel, data: TeachData, maxTokens: number): LessonSamples {
	const { training, validation } = data.learnt();
	const written = writeLesson(model, training, maxTokens);
	if (written.samples.length === 0)
		throw new SessionFailure(
			'bad-request',
			training.length === 0
				? 'No row is left to learn from; give some data, or keep more of it.'
				: `No row teaches anything within ${Math.min(maxTokens, model.spec.contextLength)} tokens; allow longer rows.`,
		);
	return {
		training: written.samples,
		validation: writeLesson(model, validation, maxTokens).samples,
		notes: written.notes,
	};
}

/** Rows held back, or those that were learnt if there are none. */
export function examinedRows(model: OpenModel, data: TeachData, maxTokens: number) {
	const { training, validation } = data.learnt();
	const on = validation.length > 0 ? ('validation' as const) : ('training' as const);
	const rows = (on === 'validation' ? validation : training).slice(0, mostExamined);
	return {
		on,
		rows: rows.flatMap((row): readonly ExaminedRow[] => {
			const [sample] = writeLesson(model, [row], maxTokens).samples;
			return sample ? [{ row, sample }] : [];
		}),
	};
}

export const writeOptions = (
	{ spec, tokenizer, chat }: OpenModel,
	maxTokens: number,
): WriteOptions => ({
	tokenizer,
	maxTokens: Math.min(maxTokens, spec.contextLength),
	startTokens: chat?.startTokens ?? [],
	chat: { template: chat?.template, specialTokens: chat?.specialTokens ?? {} },
});
