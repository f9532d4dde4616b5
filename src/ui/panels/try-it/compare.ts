/** @file Difference between a given answer and the true one, character by character. */

import { t } from '../../language/language.svelte.ts';
import { listed } from '../../language/numbers.ts';

/** One place of an answer; `missing` is a place of the true answer that was left out. */
export interface Difference {
	readonly character: string;
	readonly kind: 'right' | 'wrong' | 'missing';
}

const digits = /^\d+$/;

/** Lays the answer over the true one: numbers by their last digit, all else by the first character. */
export function placesOf(answer: string, expected: string): readonly Difference[] {
	const given = Array.from(answer);
	const due = Array.from(expected);
	const fromEnd = digits.test(answer) && digits.test(expected);
	const length = Math.max(given.length, due.length);
	// A number's missing places are in front of it.
	const shift = (list: readonly string[]) => (fromEnd ? length - list.length : 0);
	const [shiftGiven, shiftDue] = [shift(given), shift(due)];
	return Array.from({ length }, (_, i): Difference => {
		const character = given[i - shiftGiven];
		if (character === undefined) return { character: '·', kind: 'missing' };
		return { character, kind: character === due[i - shiftDue] ? 'right' : 'wrong' };
	});
}

/** The same in words, for screen readers. */
export function differenceWords(answer: string, expected: string): string {
	const places = placesOf(answer, expected);
	const at = (kind: Difference['kind']) =>
		places.flatMap((place, i) => (place.kind === kind ? [i + 1] : []));
	const noun = digits.test(expected) ? 'digit' : 'place';
	const words = (['wrong', 'missing'] as const).flatMap((kind) => {
		const found = at(kind);
		const n = found.length;
		if (n === 0) return [];
		return n > 4
			? t(`diff.${noun}.${kind}Many`, { n })
			: t(`diff.${noun}.${kind}`, { n, places: listed(found.map(String)) });
	});
	return words.length === 0 ? '' : t('diff.of', { words: words.join(', '), n: places.length });
}
