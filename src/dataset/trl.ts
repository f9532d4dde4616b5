/** @file Rows in TRL's formats, one JSON object each: what its trainers, Axolotl and this project's readers load. */
import type { TrainingRow, TrainingTurn } from '#training/data/training-row.ts';
import type { Lesson, Said } from './row.ts';

const turn = ({ fields, role, content, taught }: TrainingTurn) => ({
	...fields,
	role,
	content,
	...(taught === false && { train: false }),
});
const part = (said: Said) => (typeof said === 'string' ? said : said.map(turn));

function plainRow(row: TrainingRow): Readonly<Record<string, unknown>> {
	const { weight, variables = {} } = row;
	const { tools, documents, ...switches } = variables;
	const settings = {
		...(weight !== undefined && { weight }),
		...(tools !== undefined && { tools }),
		...(documents !== undefined && { documents }),
		...(Object.keys(switches).length > 0 && { chat_template_kwargs: switches }),
	};
	if ('messages' in row) return { messages: row.messages.map(turn), ...settings };
	if (row.prompt === '') return { text: row.completion, ...settings };
	return { prompt: part(row.prompt), completion: part(row.completion), ...settings };
}

/** The row as a JSON object. */
export function trlRow(lesson: Lesson): Readonly<Record<string, unknown>> {
	switch (lesson.kind) {
		case 'answer':
			return plainRow(lesson.row);
		case 'judged':
			return { ...plainRow(lesson.row), label: lesson.good };
		case 'preference':
			return {
				prompt: part(lesson.prompt),
				chosen: part(lesson.chosen),
				rejected: part(lesson.rejected),
			};
		default:
			return lesson satisfies never;
	}
}
