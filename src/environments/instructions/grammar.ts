/**
 * @file Grammar of an instruction: its constraints as regular expressions and JSON schemas, so that an answer can be held
 * to them while it is sampled.
 *
 * One constraint gives the shape of the whole (bullets, paragraphs, JSON; else plain text), a title or quotation marks
 * stand round it, and every other one narrows it. A grammar says nothing of sense.
 */
import type { AnswerForm, Grammar } from '#base/answer-form.ts';
import { splitConstraint } from './constraints.ts';
import { jsonFields } from './words.ts';

/** Most words of each part: an answer in a chat is short, and one that is cut off is none. */
interface Longest {
	readonly sentence?: number;
	/** A sentence among so many. */
	readonly part?: number;
	readonly line?: number;
	readonly phrase?: number;
	/** Letters of a word: held to a number of words, a small model glues them together. */
	readonly word?: number;
}
const usual: Longest = { sentence: 28, part: 20, line: 14, phrase: 12, word: 16 };
/** Words beyond the least that are asked for. */
const beyond = 25;

const wordOf = ({ word: most }: Longest): string =>
	most === undefined
		? "[A-Za-z0-9]+(?:['-][a-z]+)?"
		: `(?:[A-Za-z]{1,${most}}(?:['-][a-z]{1,${most / 2}})?|[0-9]{1,4})`;
/** So many words, between which a sign may stand. */
const words = (min: number, max: number | undefined, longest: Longest, signs = '[,;:]'): string => {
	const word = wordOf(longest);
	return `${word}(?:${signs}? ${word}){${min - 1},${max === undefined ? '' : max - 1}}`;
};
const sentence = (min: number, max: number | undefined, longest: Longest): string =>
	`${words(min, max, longest)}[.!?]`;
const repeated = (part: string, n: number, between: string): string =>
	`${part}(?:${between}${part}){${n - 1}}`;

const literal = (said: string): string => said.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
/** As a text writes it: small, with a capital, or all in capitals. */
const cases = (said: string): string =>
	`(?:${[said.toLowerCase(), `${said.charAt(0).toUpperCase()}${said.slice(1)}`, said.toUpperCase()].join('|')})`;
/** In either case, letter by letter. */
const anyCase = (said: string): string =>
	said.replace(/[A-Za-z]/g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);

const within = "[A-Za-z0-9'-]";
const outside = "[^A-Za-z0-9'-]";
/** The word somewhere, `n` times or more. */
const holding = (one: string, n = 1): string =>
	`(?:[^]*${outside})?${one}(?:${outside}(?:[^]*${outside})?${one}){${n - 1}}(?:${outside}[^]*)?`;

/** Any text of so many words; the dash of a bullet is none. */
const counted = (min: number, max: number): string => {
	const [one, gap] = [`[A-Za-z0-9]${within}*`, `${outside}[^A-Za-z0-9]*`];
	return `[^A-Za-z0-9]*(?:${one}${gap}){${min - 1},${max - 1}}${one}(?:${gap})?`;
};

const expression = (source: string): AnswerForm => ({ kind: 'expression', source });

/** The whole answer of a kind of constraint, given its value. */
const shapes: Readonly<Record<string, (value: string, longest: Longest) => string>> = {
	bullets: (n, longest) => repeated(`- ${words(2, longest.line, longest)}[.!?]?`, Number(n), '\\n'),
	sentences: (n, longest) =>
		repeated(sentence(2, n === '1' ? longest.sentence : longest.part, longest), Number(n), ' '),
	// A second sentence is short: the whole would be cut off.
	paragraphs: (n, longest) =>
		repeated(
			`${sentence(2, longest.part, longest)}(?: ${sentence(2, 8, longest)})?`,
			Number(n),
			'\\n\\n',
		),
};
/** One sentence or two, of which the first says something of its own; more where their words are counted. */
const text = (longest: Longest): string => {
	const { sentence: most } = longest;
	const more = `(?: ${sentence(2, most, longest)})${most === undefined ? '*' : '?'}`;
	return `${sentence(7, most, longest)}${more}`;
};

/** What stands round a shape. */
const frames: Readonly<Record<string, (inner: string, longest: Longest) => string>> = {
	title: (inner, longest) => `<<${words(2, 8, longest, '[,:]')}>>\\n${inner}`,
	quoted: (inner) => `"${inner}"`,
};

/** Most items of a list among the fields of a JSON object. */
export const listed = 3;

/** A JSON text. */
const phrase = (longest: Longest) => ({
	type: 'string',
	pattern: `^${words(1, longest.phrase, longest, '[,;:.]')}[.!?]?$`,
});
const schemas: Readonly<Record<string, (value: string, longest: Longest) => object>> = {
	fields: (value, longest) => {
		const names = value.split(',');
		const fields = {
			text: phrase(longest),
			number: { type: 'integer', minimum: 0, maximum: 999 },
			list: { type: 'array', minItems: 1, maxItems: listed, items: phrase(longest) },
		};
		const kindOf = (name: string) => jsonFields[name as keyof typeof jsonFields];
		const properties = Object.fromEntries(names.map((name) => [name, fields[kindOf(name)]]));
		return { type: 'object', properties, required: names };
	},
	texts: (n, longest) => ({
		...{ type: 'array', minItems: Number(n), maxItems: Number(n) },
		items: phrase(longest),
	}),
};

/** A property of the whole answer, whatever its shape. */
const properties: Readonly<Record<string, (value: string) => readonly Grammar[]>> = {
	letters: (value) => [expression(value === 'small' ? '[^A-Z0-9]*' : '[^a-z0-9]*')],
	commas: () => [expression('[^,，]*')],
	ending: (said) => [expression(`[^]*[.!?>]\\s${literal(said)}|[^]*\\n- ${literal(said)}`)],
	'most-words': (n) => [expression(counted(1, Number(n)))],
	'least-words': (n) => [expression(counted(Number(n), Number(n) + beyond))],
	keyword: (said) => [expression(holding(cases(said)))],
	keywords: (value) => value.split(',').map((said) => expression(holding(cases(said)))),
	repeat: (value) => {
		const [said = '', n = '1'] = value.split(',');
		return [expression(holding(cases(said), Number(n)))];
	},
	avoid: (said) => [{ kind: 'not', of: expression(holding(anyCase(said))) }],
	opening: (said) => [expression(`${cases(said)}(?:${outside}[^]*)?`)],
};

/** The words that a JSON answer may have, shared out among its texts; nothing for any other answer. */
function allotted(asked: readonly (readonly [name: string, value: string])[]): Longest {
	const of = new Map(asked);
	const names = of.get('fields')?.split(',') ?? [];
	const kinds = names.map((name) => jsonFields[name as keyof typeof jsonFields]);
	const numbers = kinds.filter((kind) => kind === 'number').length;
	const texts = kinds.filter((kind) => kind === 'text').length;
	const lists = kinds.length - numbers - texts;
	const phrases = Number(of.get('texts') ?? 0) + texts + lists * listed;
	if (phrases === 0) return {};
	const left = Number(of.get('most-words')) - names.length - numbers;
	return { phrase: Math.max(1, Math.floor(left / phrases)) };
}

/** One of these beginnings of a word somewhere, in any case. */
const naming = (stems: readonly string[]): string =>
	`(?:[^]*${outside})?(?:${stems.map(anyCase).join('|')})[^]*`;

/**
 * The form that keeps all of an instruction's constraints; null if it has none. An answer to a single one also names the
 * topic, by one of these beginnings of words: with more the automaton would be too large.
 */
export function grammarOf(
	constraints: readonly string[],
	topic: readonly string[] = [],
): Grammar | null {
	if (constraints.length === 0) return null;
	const asked = constraints.map(splitConstraint);
	// Words are counted once, and letters only for one constraint: the automaton would be too large.
	const isCounted = asked.some(([name]) => name.endsWith('-words'));
	const { word: letters, ...parts } = usual;
	const longest = {
		...(isCounted ? allotted(asked) : parts),
		...(asked.length === 1 && { word: letters }),
	};
	const first = <T>(
		table: Readonly<Record<string, (value: string, longest: Longest) => T>>,
	): T | undefined => asked.flatMap(([name, value]) => table[name]?.(value, longest) ?? []).at(0);
	const schema = first(schemas);
	const inner = first(shapes) ?? text(longest);
	const framed = asked.reduce((source, [name]) => frames[name]?.(source, longest) ?? source, inner);
	const whole: AnswerForm = schema ? { kind: 'json-schema', schema } : expression(framed);
	const narrowing = asked.flatMap(([name, value]) =>
		name === 'most-words' && longest.phrase !== undefined ? [] : (properties[name]?.(value) ?? []),
	);
	if (asked.length === 1 && topic.length > 0) narrowing.push(expression(naming(topic)));
	return narrowing.length === 0 ? whole : { kind: 'all', of: [whole, ...narrowing] };
}
