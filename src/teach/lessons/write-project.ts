/** @file Lessons written of a project's text by its model, and taken in as rows. */
import { SessionFailure } from '#base/failure.ts';
import { checks, type Check } from '#dataset/row.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { TeachData } from '../data.ts';
import type { ProjectView, TeachEvent, WritingRequest } from '../types.ts';
import { lessonRow } from './row.ts';
import { writeLessons, type WrittenLesson } from './write.ts';

/** Tokens of context that the prompts need. */
const leastContext = 512;

/** Refuses a model that cannot hold the prompts. */
export function assertCanWrite({ spec }: Pick<OpenModel, 'spec'>): void {
	if (spec.contextLength < leastContext)
		throw new SessionFailure(
			'bad-request',
			`This model reads ${spec.contextLength} tokens at a time; writing questions needs ${leastContext}. Choose another.`,
		);
}

export async function writeProject(
	model: OpenModel,
	data: TeachData,
	{ model: name, seed }: WritingRequest,
	signal: AbortSignal,
	emit: (event: TeachEvent) => void,
): Promise<ProjectView> {
	assertCanWrite(model);
	const lessons = await writeLessons(model, data.all, {
		...{ seed, signal },
		report: (what, done, total) => {
			emit({ type: 'teach-written', what, done, total });
		},
	});
	if (lessons.length === 0)
		throw new SessionFailure(
			'bad-request',
			'There is no running text with whole sentences to write questions of.',
		);
	const hasTemplate = model.chat?.template !== undefined;
	const rows = lessons
		.filter(({ question }) => question !== '')
		.map((lesson) => lessonRow(lesson, hasTemplate));
	return data.write(rows, { model: name, seed, counts: countChecks(lessons) });
}

export const countChecks = (lessons: readonly WrittenLesson[]) =>
	Object.fromEntries(
		checks.map((check) => [check, lessons.filter((one) => one.check === check).length]),
	) as Record<Check, number>;
