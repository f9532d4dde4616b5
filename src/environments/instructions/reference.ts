/**
 * @file A plain answer that keeps all constraints of an instruction: proof that they can be kept together, and what the
 * tests check the checks with. It says nothing worth reading.
 */
import { splitConstraint } from './constraints.ts';
import { jsonFields } from './words.ts';
import { wordsOf } from './measure.ts';

/** Joins what is asked for into one answer that names the topic. */
export function referenceAnswer(constraints: readonly string[], topic: readonly string[]): string {
	const asked = new Map(constraints.map(splitConstraint));
	const words = [
		...topic,
		...(asked.get('keyword') ?? '').split(','),
		...(asked.get('keywords') ?? '').split(','),
		...repeated(asked.get('repeat')),
	].filter((word) => word !== '');
	const fields = asked.get('fields');
	const texts = asked.get('texts');
	const said =
		fields !== undefined
			? jsonObject(fields.split(','), words)
			: texts !== undefined
				? JSON.stringify(Array.from({ length: Number(texts) }, (_, i) => chunk(i, words)))
				: textOf(asked, words);
	const letters = asked.get('letters');
	if (letters === undefined) return said;
	return letters === 'small' ? said.toLowerCase() : said.toUpperCase();
}

const repeated = (value = ''): readonly string[] => {
	const [word = '', n = '0'] = value.split(',');
	return Array.from({ length: Number(n) }, () => word);
};

/** The first part of an answer holds all words asked for, and some of its own. */
const chunk = (i: number, words: readonly string[], opening = 'A'): string =>
	i === 0 ? [opening, ...words, 'seen from near and far'].join(' ') : `Part ${letterOf(i)}`;
/** A, B … Z, A … */
const letterOf = (i: number): string => String.fromCharCode(65 + (i % 26));

function jsonObject(names: readonly string[], words: readonly string[]): string {
	const kindOf = (name: string): string => jsonFields[name as keyof typeof jsonFields];
	const holder = names.find((name) => kindOf(name) !== 'number');
	const value = (name: string): unknown => {
		const text = chunk(name === holder ? 0 : 1, words);
		if (kindOf(name) === 'number') return 1;
		return kindOf(name) === 'list' ? [text] : text;
	};
	return JSON.stringify(Object.fromEntries(names.map((name) => [name, value(name)])));
}

function textOf(asked: ReadonlyMap<string, string>, words: readonly string[]): string {
	const count = Number(
		asked.get('bullets') ?? asked.get('sentences') ?? asked.get('paragraphs') ?? 1,
	);
	const chunks = Array.from({ length: count }, (_, i) => chunk(i, words, asked.get('opening')));
	const missing = Number(asked.get('least-words') ?? 0) - wordsOf(chunks.join(' ')).length;
	const last = chunks.pop() ?? '';
	chunks.push(
		last +
			Array.from(
				{ length: Math.max(0, missing) },
				(_, i) => ` word${letterOf(i)}${letterOf(i / 26)}`,
			).join(''),
	);
	const parts = chunks.map((part) => (asked.has('bullets') ? `- ${part}` : `${part}.`));
	const joint = asked.has('bullets') ? '\n' : asked.has('paragraphs') ? '\n\n' : ' ';
	const body = parts.join(joint);
	const ending = asked.get('ending');
	const ended =
		ending === undefined ? body : `${body}${asked.has('bullets') ? '\n' : ' '}${ending}`;
	const titled = asked.has('title') ? `<<A title>>\n${ended}` : ended;
	return asked.has('quoted') ? `"${titled}"` : titled;
}
