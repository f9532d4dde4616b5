/** @file Columns of a table by the names that people give them. */
import { isRecord } from '#base/untrusted/is-record.ts';

/** Which columns are asked, answered, and said before. */
export interface Columns {
	readonly question: string;
	readonly answer: string;
}

const questions =
	'question prompt query instruction input front q ask frage user human source term'.split(' ');
const answers =
	'answer completion response output back a reply antwort assistant bot target definition'.split(
		' ',
	);

const plain = (name: string): string => name.trim().toLowerCase();

/** Question and answer among the names of columns; undefined if they are not told by their names. */
export function columnsOf(names: readonly string[]): Columns | undefined {
	const find = (known: readonly string[]): string | undefined =>
		known
			.map((word) => names.find((name) => plain(name) === word))
			.find((name) => name !== undefined);
	const question = find(questions);
	const answer = find(answers);
	return question !== undefined && answer !== undefined ? { question, answer } : undefined;
}

/** The value of a column as text. */
export function cellOf(row: unknown, column: string): string {
	const value = isRecord(row) && Object.hasOwn(row, column) ? row[column] : undefined;
	return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
