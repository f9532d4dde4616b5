/** @file Times, figures and places of Teach in words. */
import type { Figure } from '#teach/verdict.ts';
import { said, t } from '../../language/language.svelte.ts';
import { count } from '../../language/numbers.ts';

/** `about 4 minutes` */
export function timeInWords(seconds: number): string {
	if (seconds < 50) return t('teach.time.seconds', { n: Math.max(5, 5 * Math.ceil(seconds / 5)) });
	const minutes = Math.round(seconds / 60);
	if (minutes < 90) return t('teach.time.minutes', { n: Math.max(1, minutes) });
	return t('teach.time.hours', { n: (minutes / 60).toFixed(1) });
}

/** `2.41 → 1.87 (−0.54; 95 %: −0.61 to −0.46; n = 48)`; `show` writes a value. */
export function figureInWords(
	{ before, after, difference }: Figure,
	show: (value: number) => string,
): string {
	const signed = (value: number): string =>
		Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${show(Math.abs(value))}` : '?';
	const { mean, low, high, n } = difference;
	return t('teach.figure', {
		...{ before: show(before), after: show(after), n },
		...{ mean: signed(mean), low: signed(low), high: signed(high) },
	});
}

/** `notes.md, line 4`; the file alone if no line is known. Files that Chat made are named in the language shown. */
export const placeInWords = (file: string, line = 0): string =>
	line > 0 ? t('teach.place', { file: said(file), line: count(line) }) : said(file);
