/** @file A written lesson as a row to learn: messages for a model that chats, text for one that goes on. */
import { rowOf, type DataRow, type Lesson } from '#dataset/row.ts';
import type { WrittenLesson } from './write.ts';

/** The row, from the same source as its text, so that both fall on one side of the split. */
export function lessonRow(
	{ row: { file, line, source }, passage, question, answer, check, by }: WrittenLesson,
	hasTemplate: boolean,
): DataRow {
	const lesson: Lesson = { kind: 'answer', row: hasTemplate ? { messages: [] } : emptyText };
	const written = { passage, check, ...(by && { by }) };
	return rowOf({ file, line, source, written }, withWords(lesson, question, answer));
}

const emptyText = { prompt: '', completion: '' };

/** The lesson with another question and answer. */
export function withWords(lesson: Lesson, question: string, answer: string): Lesson {
	const isText = lesson.kind === 'answer' && !('messages' in lesson.row);
	if (isText)
		return {
			kind: 'answer',
			row: { prompt: `Question: ${question}\nAnswer:`, completion: ` ${answer}` },
		};
	return {
		kind: 'answer',
		row: {
			messages: [
				{ role: 'user', content: question },
				{ role: 'assistant', content: answer },
			],
		},
	};
}
