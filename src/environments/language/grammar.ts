/**
 * @file Grammar of two made-up languages, Tavi and Moru, and the translation from one into the other.
 *
 * Tavi: subject, verb, object; adjectives follow their noun. A word is a stem and an ending: nouns end in a (one) or i
 * (many), adjectives in e, verbs in o. Moru: subject, object, verb; adjectives stand before their noun, the last one
 * first. Each noun belongs to a class, and class and number make one ending (one: a or o, many: e or u), which adjectives
 * take from their noun and the verb from its subject.
 */
import type { Random } from '#base/random.ts';

/** Stems of Tavi, the same letters for every kind of word. */
const stems = 'bdgklmnprstv';
type Kind = 'noun' | 'adjective' | 'verb';
/** Stems of Moru, at the place of the Tavi stem. */
const lexicon: Readonly<Record<Kind, string>> = {
	noun: 'fhjcwxzqydbg',
	adjective: 'lnmrpktsvwhz',
	verb: 'tgdbsvzkfjnq',
};
/** Nouns of the second class, by their Tavi stem. */
const secondClass = 'bkmpst';
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

/** Whether these words are a sentence of Tavi. */
export const isSentence = (words: readonly string[]): boolean => parts(words) !== undefined;

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

/** A sentence of `n` words: the object takes none of them, or any number that leaves a subject. */
export function drawSentence(n: number, random: Random): readonly string[] {
	const ofObject = random.integer(0, n - 2);
	const word = (endings: string): string =>
		random.pick(Array.from(stems)) + random.pick(Array.from(endings));
	const phrase = (count: number): readonly string[] =>
		Array.from({ length: count }, (_, i) => word(i === 0 ? 'ai' : 'e'));
	return [...phrase(n - 1 - ofObject), word('o'), ...phrase(ofObject)];
}

/** How many sentences have n words: a stem for each, and one or many for each noun. */
export const countOf = (n: number): number => stems.length ** n * (2 + 4 * (n - 2));
