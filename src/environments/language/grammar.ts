/**
 * @file Grammar of two made-up languages, Tavi and Moru, and the translation from one into the other.
 *
 * Tavi: subject, verb, object; adjectives follow their noun. A word is a stem and an ending: nouns end in a (one) or i
 * (many), adjectives in e, verbs in o. Moru: subject, object, verb; adjectives stand before their noun, the last one
 * first. Each noun belongs to a class, and class and number make one ending (one: a or o, many: e or u), which adjectives
 * take from their noun and the verb from its subject.
 */
import type { Random } from '#base/random.ts';

/** Stems of Tavi, the same letters for every kind of word: those that a seedling is taught, then those that are news to it. */
const [taughtStems, newStems] = ['bdgklmnprstv', 'cfhjqwxz'] as const;
const stems = taughtStems + newStems;
export const wordKinds = ['noun', 'adjective', 'verb'] as const;
type Kind = (typeof wordKinds)[number];
/** Stems of Moru, at the place of the Tavi stem. */
const lexicon: Readonly<Record<Kind, string>> = {
	noun: 'fhjcwxzqydbg' + 'klmnprst',
	adjective: 'lnmrpktsvwhz' + 'bcdfgjqx',
	verb: 'tgdbsvzkfjnq' + 'chlmprwx',
};
/** Nouns of the second class, by their Tavi stem. */
const secondClass = 'bkmpst' + 'chqx';

/** Words that sentences are made of: those that were taught, or new ones among them. */
export type Vocabulary = 'taught' | 'new';
const stemsIn: Readonly<Record<Vocabulary, string>> = { taught: taughtStems, new: stems };
const isNew = (word: string): boolean => newStems.includes(word.charAt(0));
const endings = { first: { a: 'a', i: 'e' }, second: { a: 'o', i: 'u' } } as const;

const kinds: Readonly<Record<string, Kind>> = { a: 'noun', i: 'noun', e: 'adjective', o: 'verb' };
const stemOf = (word: string): string => word.charAt(0);
const kindOf = (word: string): Kind | undefined => kinds[word.charAt(1)];
const isStem = (word: string): boolean => word.length === 2 && stems.includes(stemOf(word));

/** Fewest and most words of a sentence. */
export const [fewestWords, mostWords] = [2, 20];

/** A sentence of Tavi, as places of its words. */
interface Sentence {
	readonly subject: readonly number[];
	readonly verb: number;
	/** Empty if it has none. */
	readonly object: readonly number[];
}

/** Whether these are words of one phrase: a noun, then adjectives. */
const isPhrase = (words: readonly string[]): boolean =>
	words.every((word, i) => kindOf(word) === (i === 0 ? 'noun' : 'adjective'));

/** The parts of a sentence; undefined if it is none. */
function parts(words: readonly string[]): Sentence | undefined {
	const verb = words.findIndex((word) => kindOf(word) === 'verb');
	const isRight =
		words.length <= mostWords &&
		words.every(isStem) &&
		verb > 0 &&
		isPhrase(words.slice(0, verb)) &&
		isPhrase(words.slice(verb + 1));
	const places = words.map((_word, i) => i);
	return isRight
		? { subject: places.slice(0, verb), verb, object: places.slice(verb + 1) }
		: undefined;
}

/** Whether these words are a sentence of Tavi: of words that were taught, or with a new one at least. */
export const isSentence = (words: readonly string[], of: Vocabulary = 'taught'): boolean =>
	parts(words) !== undefined && words.some(isNew) === (of === 'new');

/** Ending in Moru that a noun gives to itself and to whoever agrees with it. */
function endingOf(noun: string): string {
	const number = noun.charAt(1) === 'a' ? 'a' : 'i';
	return endings[secondClass.includes(stemOf(noun)) ? 'second' : 'first'][number];
}

/** A word of Moru, and the place of the word that it translates. */
export interface Translated {
	readonly place: number;
	readonly word: string;
}

/** The translation into Moru, word by word; throws a TypeError if it is no sentence of Tavi. */
export function translate(words: readonly string[]): readonly Translated[] {
	const sentence = parts(words);
	if (!sentence) throw new TypeError('A sentence must be a subject and a verb of Tavi.');
	const { subject, verb, object } = sentence;
	const word = (place: number, head: number | undefined): Translated => {
		const tavi = words[place] ?? '';
		const stem = lexicon[kindOf(tavi) ?? 'noun'].charAt(stems.indexOf(stemOf(tavi)));
		return { place, word: stem + endingOf(words[head ?? 0] ?? '') };
	};
	const phrase = (places: readonly number[]): readonly Translated[] =>
		places.map((place) => word(place, places[0])).reverse();
	return [...phrase(subject), ...phrase(object), word(verb, subject[0])];
}

/** A sentence of `n` words: the object takes none of them, or any number that leaves a subject. Of new words half are new. */
export function drawSentence(
	n: number,
	random: Random,
	of: Vocabulary = 'taught',
): readonly string[] {
	const ofObject = random.integer(0, n - 2);
	const newAt = of === 'new' ? random.integer(0, n - 1) : -1;
	let at = 0;
	const word = (endings: string): string => {
		const isOne = at++ === newAt || (of === 'new' && random.next() < 1 / 2);
		const own = isOne ? newStems : taughtStems;
		return random.pick(Array.from(own)) + random.pick(Array.from(endings));
	};
	const phrase = (count: number): readonly string[] =>
		Array.from({ length: count }, (_, i) => word(i === 0 ? 'ai' : 'e'));
	return [...phrase(n - 1 - ofObject), word('o'), ...phrase(ofObject)];
}

/** How many sentences have n words: a stem for each, and one or many for each noun. */
export const countOf = (n: number, of: Vocabulary = 'taught'): number =>
	(stemsIn[of].length ** n - (of === 'new' ? taughtStems.length ** n : 0)) * (2 + 4 * (n - 2));

/** A new word: its kind and its stems in both languages. */
export interface NewWord {
	readonly kind: Kind;
	readonly tavi: string;
	readonly moru: string;
}

export const newWords: readonly NewWord[] = wordKinds.flatMap((kind) =>
	Array.from(newStems, (tavi) => ({
		kind,
		tavi,
		moru: lexicon[kind].charAt(stems.indexOf(tavi)),
	})),
);

/** The shortest sentences with this new word and no other, at most `most` of them. */
export function sentencesWith({ kind, tavi }: NewWord, most: number): readonly string[] {
	const taught = Array.from(taughtStems);
	const stemFor = (other: Kind): readonly string[] => (kind === other ? [tavi] : taught);
	const nouns = stemFor('noun').flatMap((stem) => [`${stem}a`, `${stem}i`]);
	const verbs = stemFor('verb').map((stem) => `${stem}o`);
	const subjects = kind === 'adjective' ? nouns.map((noun) => `${noun} ${tavi}e`) : nouns;
	const all = verbs.flatMap((verb, i) =>
		// Every noun comes with every verb, the first ones of each first.
		subjects.map((_, j) => `${subjects[(i + j) % subjects.length] ?? ''} ${verb}`),
	);
	const step = Math.max(1, Math.floor(all.length / most));
	return all.filter((_, i) => i % step === 0).slice(0, most);
}

/** The new words of a sentence, in its order. */
export const newWordsIn = (words: readonly string[]): readonly NewWord[] =>
	words.flatMap((word) =>
		newWords.filter(({ kind, tavi }) => kind === kindOf(word) && tavi === stemOf(word)),
	);
