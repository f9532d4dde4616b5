/**
 * @file Constraints on an answer that a program can check, after IFEval (Zhou et al. 2023, arXiv 2311.07911): how each
 * is drawn, said in English, read back from English, and checked.
 *
 * A constraint is a short text such as `bullets 3`: its kind, a space, its value.
 */
import type { Random } from '#base/random.ts';
import { bulletsOf, jsonOf, paragraphsOf, sentencesOf, timesOf, wordsOf } from './measure.ts';
import { commonWords, endings, jsonFields, keywords, openings } from './words.ts';

export const groups = ['format', 'count', 'keyword', 'json'] as const;
export type Group = (typeof groups)[number];

interface Kind {
	readonly group: Group;
	/** All values it may have; a list of them is as good as a drawing. */
	readonly values: readonly string[];
	/** `%` is the value. */
	readonly sentence: string;
	/** The value as a sentence shows it; by default as it is. */
	readonly say?: (value: string) => string;
	readonly holds: (answer: string, value: string) => boolean;
	/** Kinds that cannot be asked for together with it. */
	readonly clashes: readonly string[];
}

const range = (from: number, to: number, step = 1): readonly string[] =>
	Array.from({ length: (to - from) / step + 1 }, (_, i) => String(from + i * step));

const fieldKinds: Readonly<Record<string, string>> = {
	text: 'a text',
	number: 'a number',
	list: 'a list of texts',
};

const fieldNames = Object.keys(jsonFields) as readonly (keyof typeof jsonFields)[];
/** Every two keys in their order, and each with its next two neighbours; never numbers alone, which hold no words. */
const fieldSets = fieldNames
	.flatMap((a, i) => [
		...fieldNames.slice(i + 1).map((b) => [a, b]),
		...fieldNames.slice(i + 2, i + 3).map((c) => [a, fieldNames[i + 1] ?? a, c]),
	])
	.filter((names) => names.some((name) => jsonFields[name] !== 'number'))
	.map((names) => names.join(','));

const sayFields = (value: string): string => {
	const fields = value
		.split(',')
		.map((name) => `"${name}" (${fieldKinds[jsonFields[name as keyof typeof jsonFields]] ?? ''})`);
	return `${fields.slice(0, -1).join(', ')} and ${fields.at(-1) ?? ''}`;
};

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isTexts = (value: unknown): boolean =>
	Array.isArray(value) && value.length > 0 && value.every(isText);

function hasFields(answer: string, value: string): boolean {
	const found = jsonOf(answer);
	if (typeof found !== 'object' || found === null || Array.isArray(found)) return false;
	const names = value.split(',');
	const fields = new Map<string, unknown>(Object.entries(found));
	if (fields.size !== names.length) return false;
	return names.every((name) => {
		const field = fields.get(name);
		const kind = jsonFields[name as keyof typeof jsonFields];
		if (kind === 'number') return typeof field === 'number';
		return kind === 'list' ? isTexts(field) : isText(field);
	});
}

const pairs = keywords.map((word, i) => `${word},${keywords[(i + 7) % keywords.length] ?? ''}`);
const textOnly = ['fields', 'texts'];

/** Every kind by its name, in a fixed order. */
export const kinds: Readonly<Record<string, Kind>> = {
	bullets: {
		group: 'format',
		values: range(2, 6),
		sentence: 'Use exactly % bullet points, each on its own line and beginning with "- ".',
		holds: (answer, n) => bulletsOf(answer).length === Number(n),
		clashes: ['sentences', 'paragraphs', 'quoted', 'opening', ...textOnly],
	},
	title: {
		group: 'format',
		values: ['<<>>'],
		sentence: 'Begin with a title in double angle brackets, like <<title>>.',
		holds: (answer) => (/^<<([^<>\n]*)>>/.exec(answer)?.[1] ?? '').trim() !== '',
		clashes: ['opening', 'quoted', 'sentences', 'paragraphs', ...textOnly],
	},
	letters: {
		group: 'format',
		values: ['small', 'capital'],
		sentence: 'Write in % letters only.',
		holds: (answer, value) =>
			/\p{L}/u.test(answer) &&
			answer === (value === 'small' ? answer.toLowerCase() : answer.toUpperCase()),
		clashes: ['ending', 'title', ...textOnly],
	},
	quoted: {
		group: 'format',
		values: ['""'],
		sentence: 'Put the whole answer in double quotation marks.',
		holds: (answer) => /^["“]/.test(answer) && /.["”]$/su.test(answer.slice(1)),
		clashes: ['bullets', 'title', 'opening', 'ending', ...textOnly],
	},
	commas: {
		group: 'format',
		values: ['none'],
		sentence: 'Do not use any commas.',
		holds: (answer) => !/[,，]/.test(answer),
		clashes: textOnly,
	},
	ending: {
		group: 'format',
		values: endings,
		sentence: 'End with exactly these words: %',
		holds: (answer, value) => answer.endsWith(value),
		clashes: ['letters', 'quoted', 'sentences', ...textOnly],
	},
	'most-words': {
		group: 'count',
		values: range(20, 80, 10),
		sentence: 'Use at most % words.',
		holds: (answer, n) => wordsOf(answer).length <= Number(n),
		clashes: ['least-words'],
	},
	'least-words': {
		group: 'count',
		values: range(20, 60, 10),
		sentence: 'Use at least % words.',
		holds: (answer, n) => wordsOf(answer).length >= Number(n),
		clashes: ['most-words', 'texts', 'fields'],
	},
	sentences: {
		group: 'count',
		values: range(1, 5),
		sentence: 'Write exactly %.',
		say: (n) => (n === '1' ? '1 sentence' : `${n} sentences`),
		holds: (answer, n) => sentencesOf(answer).length === Number(n),
		clashes: ['bullets', 'title', 'ending', 'paragraphs', ...textOnly],
	},
	paragraphs: {
		group: 'count',
		values: range(2, 4),
		sentence: 'Write exactly % paragraphs with a blank line between them.',
		holds: (answer, n) => paragraphsOf(answer).length === Number(n),
		clashes: ['bullets', 'title', 'sentences', ...textOnly],
	},
	keyword: {
		group: 'keyword',
		values: keywords,
		sentence: 'Include the word "%".',
		holds: (answer, word) => timesOf(word, answer) > 0,
		clashes: ['keywords', 'repeat'],
	},
	keywords: {
		group: 'keyword',
		values: pairs,
		sentence: 'Include the words %.',
		say: (value) =>
			value
				.split(',')
				.map((word) => `"${word}"`)
				.join(' and '),
		holds: (answer, value) => value.split(',').every((word) => timesOf(word, answer) > 0),
		clashes: ['keyword', 'repeat'],
	},
	repeat: {
		group: 'keyword',
		values: keywords.flatMap((word) => range(2, 3).map((n) => `${word},${n}`)),
		sentence: 'Use the word %.',
		say: (value) => {
			const [word = '', n = ''] = value.split(',');
			return `"${word}" at least ${n} times`;
		},
		holds: (answer, value) => {
			const [word = '', n = ''] = value.split(',');
			return timesOf(word, answer) >= Number(n);
		},
		clashes: ['keyword', 'keywords', 'texts'],
	},
	avoid: {
		group: 'keyword',
		values: commonWords,
		sentence: 'Do not use the word "%".',
		holds: (answer, word) => timesOf(word, answer) === 0,
		clashes: [],
	},
	opening: {
		group: 'keyword',
		values: openings,
		sentence: 'Begin with the word "%".',
		holds: (answer, word) => wordsOf(answer)[0]?.toLowerCase() === word.toLowerCase(),
		clashes: ['bullets', 'title', 'quoted', ...textOnly],
	},
	fields: {
		group: 'json',
		values: fieldSets,
		sentence: 'Answer only with a JSON object that has the keys %.',
		say: sayFields,
		holds: hasFields,
		clashes: ['texts'],
	},
	texts: {
		group: 'json',
		values: range(2, 6),
		sentence: 'Answer only with a JSON list of exactly % texts.',
		holds: (answer, n) => {
			const found = jsonOf(answer);
			return isTexts(found) && (found as readonly unknown[]).length === Number(n);
		},
		clashes: ['fields', 'repeat'],
	},
};

/** `bullets 3` as name and value, unchecked. */
export function splitConstraint(constraint: string): readonly [name: string, value: string] {
	const at = constraint.indexOf(' ');
	return [constraint.slice(0, Math.max(0, at)), constraint.slice(at + 1)];
}

/** `bullets 3` taken apart; an unknown kind or value is refused. */
export function partsOf(constraint: string): { readonly kind: Kind; readonly value: string } {
	const [name, value] = splitConstraint(constraint);
	const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
	if (!kind?.values.includes(value))
		throw new TypeError(`"${constraint.slice(0, 60)}" is not a constraint that can be checked.`);
	return { kind, value };
}

/** In English, as it stands in an instruction. */
export function sayConstraint(constraint: string): string {
	const { kind, value } = partsOf(constraint);
	return kind.sentence.replace('%', () => (kind.say ?? String)(value));
}

export const holds = (constraint: string, answer: string): boolean => {
	const { kind, value } = partsOf(constraint);
	return kind.holds(answer, value);
};

export const groupOf = (constraint: string): Group => partsOf(constraint).kind.group;

const fits = (a: string, b: string): boolean =>
	a !== b && !kinds[a]?.clashes.includes(b) && !kinds[b]?.clashes.includes(a);

/** `count` constraints that can hold together, the first of this group; others in the order of their text. */
export function drawConstraints(group: Group, count: number, random: Random): readonly string[] {
	const all = Object.keys(kinds);
	const names: string[] = [];
	let open = all.filter((name) => kinds[name]?.group === group);
	while (names.length < count && open.length > 0) {
		names.push(random.pick(open));
		// JSON is what an answer is, not one thing among others.
		open = all.filter(
			(name) => kinds[name]?.group !== 'json' && names.every((other) => fits(name, other)),
		);
	}
	const drawn = names.map((name) => `${name} ${random.pick(kinds[name]?.values ?? [])}`);
	return [...drawn.slice(0, 1), ...drawn.slice(1).sort()];
}

/** How many constraints of a group there are. */
export const countOf = (group: Group): number =>
	Object.values(kinds).reduce((n, kind) => n + (kind.group === group ? kind.values.length : 0), 0);

const sentences: ReadonlyMap<string, string> = new Map(
	Object.entries(kinds).flatMap(([name, { values }]) =>
		values.map((value) => [sayConstraint(`${name} ${value}`), `${name} ${value}`] as const),
	),
);

/** The constraints that a text ends with, word for word as `sayConstraint` says them, and what stands before them. */
export function splitConstraints(text: string): {
	readonly request: string;
	readonly constraints: readonly string[];
} {
	let request = text.trim();
	const constraints: string[] = [];
	for (;;) {
		const found = [...sentences].find(([sentence]) => request.endsWith(sentence));
		if (!found) return { request, constraints };
		constraints.unshift(found[1]);
		request = request.slice(0, -found[0].length).trimEnd();
	}
}
