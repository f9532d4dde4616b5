/** @file Rules of lands: which digit each land says for which letter, and words to be said. */
import { derive, random, type Random } from '#base/random.ts';
import { capitals } from '../../alphabet.ts';
import type { Item } from '../../item.ts';

export const spoken = 'abcdefgh';
export const said = '01234567';
/** Lands whose rules never change. */
export const lands = capitals.slice(0, 16);
export const [fewestLetters, mostLetters] = [2, spoken.length] as const;

/** A word in a land; `rule` is 0 where the land's own is meant. */
export interface Phrase {
	readonly land: string;
	readonly word: string;
	readonly rule: number;
}

/** Items may come from a file, so a wrong one is refused. */
export function phraseOf({ land, word, rule = 0 }: Item): Phrase {
	if (
		typeof land === 'string' &&
		land.length === 1 &&
		lands.includes(land) &&
		typeof word === 'string' &&
		isWord(word) &&
		typeof rule === 'number' &&
		Number.isInteger(rule) &&
		rule >= 0
	)
		return { land, word, rule };
	throw new TypeError(
		`A phrase is a land from A to P and a word of ${fewestLetters} to ${mostLetters} different letters from a to h.`,
	);
}

export const isWord = (word: string): boolean =>
	/^[a-h]{2,8}$/.test(word) && new Set(word).size === word.length;

export const drawWord = (n: number, random: Random): string =>
	random.shuffle(Array.from(spoken)).slice(0, n).join('');

/** n letters of eight, none twice. */
export const wordsOf = (n: number): number =>
	Array.from({ length: n }, (_, i) => spoken.length - i).reduce((product, m) => product * m, 1);

/** The digit of each letter, a permutation: of a land of its own if the rule is not 0. */
export function ruleOf({ land, rule }: Pick<Phrase, 'land' | 'rule'>): ReadonlyMap<string, string> {
	const digits = random(derive(rule, 'dialect', rule === 0 ? land : '')).shuffle(Array.from(said));
	return new Map(Array.from(spoken, (letter, i) => [letter, digits[i] ?? '']));
}

export const sayIn = (phrase: Pick<Phrase, 'land' | 'rule'>, word: string): string => {
	const rule = ruleOf(phrase);
	return Array.from(word, (letter) => rule.get(letter) ?? '').join('');
};

/** `b3a1`: each letter with its digit. */
export const sideBySide = (word: string, digits: string): string =>
	Array.from(word, (letter, i) => letter + digits.charAt(i)).join('');
