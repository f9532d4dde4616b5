/**
 * @file Free text cast into the form that an instruction asks for: sentences that a model said of the request alone, put
 * into bullets, paragraphs, JSON or the like by rule. What is said stays the model's own; only where JSON needs a number and
 * none was said, it is the count of the sentences.
 *
 * The counterpart of a grammar, which forces the form while the model samples and costs sense where the form is unlikely
 * (compare hindsight relabelling, Andrychowicz et al. 2017, and constraint back-translation, Qi et al. 2024).
 */
import { holds, splitConstraint } from './constraints.ts';
import { listed } from './grammar.ts';
import { sentencesOf, timesOf, wordsOf } from './measure.ts';
import { jsonFields } from './words.ts';

/** Fewest and most words of a sentence that is taken over. */
const sentence = { min: 4, max: 30 } as const;
/** Most words of an answer whose length nobody asks for, and of a phrase; capitals are spelt in more tokens. */
const most = { words: 64, capitals: 24, phrase: 12 } as const;
/** Fewest words of a part of a sentence that stands alone in a list. */
const shortest = 3;

/** What a draft says: its whole sentences without the marks of lists and emphasis, each once. */
function sentencesIn(draft: string): readonly string[] {
	const plain = draft.replace(/[*_#`"“”]/g, '').replace(/^\s*(?:[-•]|\d+[.)])\s+/gm, '');
	const whole = sentencesOf(plain).filter((said) => {
		const { length } = wordsOf(said);
		return (
			/^\p{Lu}[^[\]{}<>|@]*[.!?]$/u.test(said) && length >= sentence.min && length <= sentence.max
		);
	});
	return [...new Set(whole)];
}

/** Sentences from the first on while their words are at most `words`; at least one. */
function within(said: readonly string[], words: number): readonly string[] {
	let left = words;
	const rest = said.findIndex((one, i) => (left -= wordsOf(one).length) < 0 && i > 0);
	return rest < 0 ? said : said.slice(0, rest);
}

/** Parts of sentences that can stand alone, of `words` words at most. */
function phrasesIn(said: readonly string[], words: number): readonly string[] {
	const parts = said.flatMap((one) =>
		wordsOf(one).length <= words
			? [one]
			: one.split(/[,;:] /).map((part) => part.replace(/^(?:and|but|or) /, '')),
	);
	const short = parts
		.filter((part) => wordsOf(part).length >= shortest && wordsOf(part).length <= words)
		.map((part) => part.charAt(0).toUpperCase() + part.slice(1));
	return [...new Set(short)];
}

/** The first `n`; nothing where there are fewer. */
const firstOf = (parts: readonly string[], n: string): readonly string[] | undefined =>
	parts.length < Number(n) ? undefined : parts.slice(0, Number(n));
const phrasesOf = (said: readonly string[], n: string): readonly string[] | undefined =>
	firstOf(phrasesIn(said, Math.floor(most.words / Number(n))), n);
/** A JSON list, spaced as models write it. */
const textsOf = (parts: readonly string[]): string =>
	`[${parts.map((part) => JSON.stringify(part)).join(', ')}]`;

/** Sentences as a constraint allows them. */
const narrowed: Readonly<
	Record<string, (said: readonly string[], value: string) => readonly string[]>
> = {
	avoid: (said, word) => said.filter((one) => timesOf(word, one) === 0),
	commas: (said) => said.map((one) => one.replace(/[,，]/g, '')),
	letters: (said, value) => (value === 'small' ? said : within(said, most.capitals)),
};

type Shape = (said: readonly string[], value: string) => string | undefined;

/** The whole answer, by the one constraint that shapes it. */
const shapes: Readonly<Record<string, Shape>> = {
	bullets: (said, n) =>
		phrasesOf(said, n)
			?.map((one) => `- ${one}`)
			.join('\n'),
	'most-words': (said, n) => within(said, Math.min(most.words, Number(n))).join(' '),
	'least-words': (said, n) => within(said, Number(n) + sentence.max).join(' '),
	sentences: (said, n) => firstOf(said, n)?.join(' '),
	paragraphs: (said, n) => firstOf(said, n)?.join('\n\n'),
	texts: (said, n) => {
		const parts = phrasesOf(said, n);
		return parts && textsOf(parts);
	},
	fields(said, value) {
		const names = value.split(',').map((name) => [name, jsonFields[name as Field]] as const);
		const lists = names.filter(([, kind]) => kind === 'list').length;
		const phrases = [...phrasesIn(said, lists > 0 ? most.phrase : 2 * most.phrase)];
		if (phrases.length < names.length + 2 * lists) return undefined;
		const numbers = said
			.flatMap((one) => one.match(/\d+(?:[.,]\d+)*/g) ?? [])
			.filter((number) => /^\d{1,4}$/.test(number));
		const contents = {
			text: () => JSON.stringify(phrases.shift()),
			list: () => textsOf(phrases.splice(0, listed)),
			number: () => String(Number(numbers.shift() ?? said.length)),
		};
		const parts = names.map(([name, kind]) => `${JSON.stringify(name)}: ${contents[kind]()}`);
		return `{${parts.join(', ')}}`;
	},
};
type Field = keyof typeof jsonFields;
/** Where no shape is asked for: two sentences. */
const plain: Shape = (said) => said.slice(0, 2).join(' ');

/** What stands round a text. */
const frames: Readonly<
	Record<string, (text: string, value: string, said: readonly string[]) => string>
> = {
	title: (text, _, [first = '']) => {
		const words = wordsOf(first).slice(0, 5);
		return `<<${words.slice(0, words.findLastIndex((word) => word.length > 2) + 1).join(' ')}>>\n${text}`;
	},
	letters: (text, value) => (value === 'small' ? text.toLowerCase() : text.toUpperCase()),
	quoted: (text) => `"${text}"`,
	ending: (text, ending) => `${text} ${ending}`,
};

/**
 * Casts a draft into the form of all constraints, from the first sentence on that has a word beginning with one of
 * `stems`; undefined where a constraint has no rule, as where words are asked for that nobody said, and where two of them shape the
 * whole. A draft that says too little has no cast.
 */
export function recastOf(
	constraints: readonly string[],
	stems: readonly string[] = [],
): ((draft: string) => string | undefined) | undefined {
	const asked = constraints.map(splitConstraint);
	const hasRule = ([name]: (typeof asked)[number]): boolean =>
		[narrowed, shapes, frames].some((rules) => Object.hasOwn(rules, name));
	const whole = asked.filter(([name]) => Object.hasOwn(shapes, name));
	if (asked.length === 0 || !asked.every(hasRule) || whole.length > 1) return undefined;
	return (draft) => {
		const all = sentencesIn(draft);
		const named = all.findIndex((one) =>
			wordsOf(one.toLowerCase()).some((word) => stems.some((stem) => word.startsWith(stem))),
		);
		const said = asked.reduce<readonly string[]>(
			(left, [name, value]) => narrowed[name]?.(left, value) ?? left,
			all.slice(Math.max(0, named)),
		);
		if (said.length === 0) return undefined;
		const [[shape, value] = [undefined, '']] = whole;
		const text = ((shape !== undefined && shapes[shape]) || plain)(said, value);
		if (!text) return undefined;
		const framed = asked.reduce(
			(inner, [name, value]) => frames[name]?.(inner, value, said) ?? inner,
			text,
		);
		return constraints.every((one) => holds(one, framed)) ? framed : undefined;
	};
}
