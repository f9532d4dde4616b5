/**
 * @file Free text cast into the form that an instruction asks for: sentences that a model said of the request alone, put
 * into bullets, paragraphs, JSON or the like by rule. What is said stays the model's own; nothing is added but the form.
 *
 * The counterpart of a grammar, which forces the form while the model samples and costs sense where the form is unlikely
 * (compare hindsight relabelling, Andrychowicz et al. 2017, and constraint back-translation, Qi et al. 2024).
 */
import { splitConstraint } from './constraints.ts';
import { sentencesOf, timesOf, wordsOf } from './measure.ts';
import { jsonFields } from './words.ts';

/** Fewest and most words of a sentence that is taken over. */
const sentence = { min: 4, max: 30 } as const;
/** Most words of an answer, so that none is cut off; capitals are spelt in more tokens. */
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

type Cast = (said: readonly string[], value: string) => string | undefined;

/** The first `n`; nothing where there are fewer. */
const firstOf = (parts: readonly string[], n: number): readonly string[] | undefined =>
	parts.length < n ? undefined : parts.slice(0, n);
const short = (said: readonly string[]): string => said.slice(0, 2).join(' ');
const spaced = (json: readonly string[], open: string, close: string): string =>
	`${open}${json.join(', ')}${close}`;

function fields(said: readonly string[], value: string): string | undefined {
	const names = value.split(',');
	const kinds = names.map((name) => jsonFields[name as keyof typeof jsonFields]);
	const numbers = said.flatMap((one) => one.match(/\b\d{1,4}\b/g) ?? []);
	const lists = kinds.filter((kind) => kind === 'list').length;
	const phrases = [...phrasesIn(said, lists > 0 ? most.phrase : 2 * most.phrase)];
	if (phrases.length < names.length + 2 * lists) return undefined;
	const parts = names.map((name, i) => {
		const kind = kinds[i];
		const content =
			kind === 'number'
				? (numbers.shift() ?? String(said.length))
				: kind === 'text'
					? JSON.stringify(phrases.shift())
					: spaced(
							phrases.splice(0, 3).map((one) => JSON.stringify(one)),
							'[',
							']',
						);
		return `${JSON.stringify(name)}: ${content}`;
	});
	return spaced(parts, '{', '}');
}

/** By the kind of constraint; absent where the words themselves are asked for, which nobody can add by rule. */
const casts: Readonly<Record<string, Cast>> = {
	bullets: (said, n) =>
		firstOf(phrasesIn(said, Math.floor(most.words / Number(n))), Number(n))
			?.map((one) => `- ${one}`)
			.join('\n'),
	title: (said) => {
		const [first = '', ...rest] = said;
		const title = wordsOf(first).slice(0, 5).join(' ');
		return rest.length === 0 ? undefined : `<<${title}>>\n${short(said)}`;
	},
	letters: (said, value) =>
		value === 'small'
			? short(said).toLowerCase()
			: within(said, most.capitals).join(' ').toUpperCase(),
	quoted: (said) => `"${short(said)}"`,
	commas: (said) => short(said).replace(/[,，]/g, ''),
	ending: (said, ending) => `${short(said)} ${ending}`,
	'most-words': (said, n) => within(said, Math.min(most.words, Number(n))).join(' '),
	'least-words': (said, n) => {
		const text = within(said, Number(n) + sentence.max).join(' ');
		return wordsOf(text).length < Number(n) ? undefined : text;
	},
	sentences: (said, n) => firstOf(said, Number(n))?.join(' '),
	paragraphs: (said, n) => firstOf(said, Number(n))?.join('\n\n'),
	avoid: (said, word) => short(said.filter((one) => timesOf(word, one) === 0)),
	fields,
	texts: (said, n) => {
		const parts = firstOf(phrasesIn(said, Math.floor(most.words / Number(n))), Number(n));
		return (
			parts &&
			spaced(
				parts.map((one) => JSON.stringify(one)),
				'[',
				']',
			)
		);
	},
};

/**
 * Casts a draft into the form of the only constraint, from the first sentence on that has a word beginning with one of
 * `stems`; undefined where there is no rule for the constraint, or several constraints.
 */
export function recastOf(
	constraints: readonly string[],
	stems: readonly string[] = [],
): ((draft: string) => string | undefined) | undefined {
	const [only, ...others] = constraints.map(splitConstraint);
	const cast = only && others.length === 0 ? casts[only[0]] : undefined;
	return (
		cast &&
		((draft) => {
			const all = sentencesIn(draft);
			const named = all.findIndex((one) =>
				wordsOf(one.toLowerCase()).some((word) => stems.some((stem) => word.startsWith(stem))),
			);
			const said = all.slice(Math.max(0, named));
			return said.length === 0 ? undefined : cast(said, only?.[1] ?? '') || undefined;
		})
	);
}
