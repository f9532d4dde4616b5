/** @file Data, training and verdicts in words. */
import type { Check } from '#dataset/row.ts';
import type { PersonalKind } from '#dataset/refine/personal.ts';
import type { TextUse, Treatment } from '#dataset/refine/prepare.ts';
import type { Figure } from '#teach/verdict.ts';

export const personalWords: Readonly<Record<PersonalKind, string>> = {
	mail: 'Mail addresses',
	phone: 'Telephone numbers',
	card: 'Card numbers',
	key: 'Keys and passwords',
};

export const treatmentWords: Readonly<Record<Treatment, string>> = {
	keep: 'keep',
	redact: 'black out',
	drop: 'leave the rows out',
};

export const checkWords: Readonly<Record<Check, string>> = {
	kept: 'passed its check',
	'not-answerable': 'with the text in view, the model answered otherwise',
	'already-known': 'answered right without the text, too',
	'not-grounded': 'names what the text does not',
	malformed: 'hardly a question, asked already, or gives its answer away',
};

export const textUseWords: Readonly<Record<TextUse, string>> = {
	facts: 'Learn its facts',
	'as-is': 'Learn the text as it is',
	questions: 'Let the model write questions and answers',
	both: 'Both',
};

export const leftWords = {
	duplicate: 'left out: nearly as another',
	personal: 'left out: personal data',
	excluded: 'left out by you',
	form: 'left out: the other form of the text is learnt',
	check: 'left out: did not pass its check',
	paired: 'the worse answer of another row',
} as const;

/** `about 4 minutes` */
export function timeInWords(seconds: number): string {
	if (seconds < 50) return `about ${Math.max(5, 5 * Math.ceil(seconds / 5))} seconds`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 90) return minutes <= 1 ? 'about a minute' : `about ${minutes} minutes`;
	return `about ${(minutes / 60).toFixed(1)} hours`;
}

/** `2.41 → 1.87 (−0.54, 95 %: −0.61 to −0.46; n = 48)`; `show` writes a value. */
export function figureInWords(
	{ before, after, difference }: Figure,
	show: (value: number) => string,
): string {
	const signed = (value: number): string =>
		Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${show(Math.abs(value))}` : '?';
	const { mean, low, high, n } = difference;
	return `${show(before)} → ${show(after)} (${signed(mean)}; 95 %: ${signed(low)} to ${signed(high)}; n = ${n})`;
}
