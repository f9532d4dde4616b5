/**
 * @file Grammar of an instruction: its constraints as regular expressions and JSON schemas, so that an answer can be held
 * to them while it is sampled.
 *
 * One constraint gives the shape of the whole (bullets, paragraphs, JSON; else plain text), a title or quotation marks
 * stand round it, and every other one narrows it. A grammar says nothing of sense or topic.
 */
import type { AnswerForm, Grammar } from '#base/answer-form.ts';
import { splitConstraint } from './constraints.ts';
import { jsonFields } from './words.ts';

/** Most words of a text that may have any length: an answer in a chat is short, and one that is cut off is none. */
const longest = 45;

/** With one apostrophe or hyphen at most: small models make endless chains of them. */
const word = "[A-Za-z0-9]+(?:['-][a-z]+)?";
/** So many words as text, with a sign at the end; without `max` it ends where the model wants. */
const text = (min: number, max?: number, gap = '[,;:.!?]? '): string =>
	`${word}(?:${gap}${word}){${min - 1},${max === undefined ? '' : max - 1}}[.!?]`;
const sentence = text(2, undefined, '[,;:]? ');
/** A line of a list; its last sign is free. */
const line = `${text(2)}?`;
const repeated = (part: string, n: number, between: string): string =>
	`${part}(?:${between}${part}){${n - 1}}`;

const literal = (said: string): string => said.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
/** In either case, letter by letter. */
const anyCase = (said: string): string =>
	said.replace(/[A-Za-z]/g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);

const within = "[A-Za-z0-9'-]";
const outside = "[^A-Za-z0-9'-]";
/** The word somewhere, `n` times or more. */
const holding = (said: string, n = 1): string => {
	const one = anyCase(said);
	return `(?:[^]*${outside})?${one}(?:${outside}(?:[^]*${outside})?${one}){${n - 1}}(?:${outside}[^]*)?`;
};

const expression = (source: string): AnswerForm => ({ kind: 'expression', source });

/** A JSON text of words; where it ends is the model's affair. */
const phrase = {
	type: 'string',
	pattern: `^${word}(?:[,;:.]? ${word})*[.!?]?$`,
} as const;
const fieldSchemas = {
	text: phrase,
	number: { type: 'integer', minimum: 0, maximum: 999 },
	list: { type: 'array', minItems: 1, maxItems: 3, items: phrase },
} as const;

/** The whole answer of a kind of constraint, given its value. */
const shapes: Readonly<Record<string, (value: string) => string>> = {
	bullets: (n) => repeated(`- ${line}`, Number(n), '\\n'),
	sentences: (n) => repeated(sentence, Number(n), ' '),
	paragraphs: (n) => repeated(text(2), Number(n), '\\n\\n'),
};

/** What stands round a shape. */
const frames: Readonly<Record<string, (inner: string) => string>> = {
	title: (inner) => `<<${word}(?: ${word}){0,7}>>\\n${inner}`,
	quoted: (inner) => `"${inner}"`,
};

const schemas: Readonly<Record<string, (value: string) => object>> = {
	fields: (value) => {
		const names = value.split(',');
		const kindOf = (name: string) => jsonFields[name as keyof typeof jsonFields];
		const properties = Object.fromEntries(names.map((name) => [name, fieldSchemas[kindOf(name)]]));
		return { type: 'object', properties, required: names };
	},
	texts: (n) => ({ type: 'array', minItems: Number(n), maxItems: Number(n), items: phrase }),
};

/** A property of the whole answer, whatever its shape. */
const properties: Readonly<Record<string, (value: string) => readonly Grammar[]>> = {
	letters: (value) => [expression(value === 'small' ? '[^A-Z]*' : '[^a-z]*')],
	commas: () => [expression('[^,，]*')],
	ending: (said) => [expression(`[^]*${literal(said)}`)],
	'most-words': (n) => [
		expression(`${outside}*(?:${within}+${outside}+){0,${Number(n) - 1}}${within}*${outside}?`),
	],
	'least-words': (n) => [
		expression(`${outside}*(?:${within}+${outside}+){${Number(n) - 1}}${within}[^]*`),
	],
	keyword: (said) => [expression(holding(said))],
	keywords: (value) => value.split(',').map((said) => expression(holding(said))),
	repeat: (value) => {
		const [said = '', n = '1'] = value.split(',');
		return [expression(holding(said, Number(n)))];
	},
	avoid: (said) => [{ kind: 'not', of: expression(holding(said)) }],
	opening: (said) => [expression(`${anyCase(said)}(?:${outside}[^]*)?`)],
};

/** The form that keeps all of an instruction's constraints; null if it has none. */
export function grammarOf(constraints: readonly string[]): Grammar | null {
	if (constraints.length === 0) return null;
	const asked = constraints.map(splitConstraint);
	const first = <T>(table: Readonly<Record<string, (value: string) => T>>): T | undefined =>
		asked.flatMap(([name, value]) => table[name]?.(value) ?? []).at(0);
	const schema = first(schemas);
	const isLong = asked.some(([name]) => name === 'least-words');
	const inner = first(shapes) ?? text(5, isLong ? undefined : longest);
	const framed = asked.reduce((source, [name]) => frames[name]?.(source) ?? source, inner);
	const whole: AnswerForm = schema ? { kind: 'json-schema', schema } : expression(framed);
	const narrowing = asked.flatMap(([name, value]) => properties[name]?.(value) ?? []);
	return narrowing.length === 0 ? whole : { kind: 'all', of: [whole, ...narrowing] };
}
