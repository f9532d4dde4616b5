/** @file Hand-over of the project, as a zip for the page. */
import { zipSync } from 'fflate';
import type { AdapterStore } from '#chat/adapters.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { ExportedFile } from '#runs/session.ts';
import type { Teacher } from '../teacher.ts';
import type { LessonRequest } from '../types.ts';
import { openHandOver } from './open.ts';

/** From the adapter of the last lesson if it is of this model, with its rank; else from a fresh one. */
export async function handOverProject(
	model: OpenModel,
	teacher: Pick<Teacher, 'data' | 'view'>,
	adapters: AdapterStore,
	{ model: name, settings, maxTokens }: LessonRequest,
): Promise<ExportedFile> {
	const { training, validation } = teacher.data.learnt();
	const lesson = teacher.view()?.lesson;
	const id = lesson?.model === name ? lesson.adapter : undefined;
	const adapter =
		id === undefined ? undefined : await adapters.load({ kind: 'tuned', id }, name, model.spec);
	const files = await openHandOver(model, {
		...{ base: model.name, training, validation, settings, maxTokens, adapter },
	});
	const folder = 'evolvarium-handover';
	const entries = [...files].map(([path, bytes]) => [`${folder}/${path}`, bytes] as const);
	return {
		name: `${folder}.zip`,
		bytes: zipSync(Object.fromEntries(entries), { mtime: new Date(2000, 0, 1) }),
	};
}
