/** @file Numbers, shares, dates and lists as the language shown writes them. */
import { duration } from '#runs/measure/duration.ts';
import { language, said } from './language.svelte.ts';

const formats = new Map<string, Intl.NumberFormat>();

export function count(n: number): string {
	const { tag } = language;
	const format = formats.get(tag) ?? new Intl.NumberFormat(tag);
	formats.set(tag, format);
	return format.format(n);
}

const inPercent = (share: number): string => {
	const value = Math.round(share * 1000) / 10;
	return Number.isInteger(value) ? String(value) : value.toFixed(1);
};

/** Percent sign with what parts it from its number: in English a space that does not break, in Chinese and Japanese nothing. */
export const percentSign = (): string => (language.isEnglish ? '\u00a0%' : '%');

/** A share in percent: whole if it is whole, else one decimal. */
export const percent = (share: number): string => `${inPercent(share)}${percentSign()}`;

/** `61–100`: the ends of an interval in percent, without the sign. */
export const range = (interval: readonly [low: number, high: number]): string =>
	interval.map(inPercent).join('–');

/** `1, 2 and 3`: American English would set another comma. */
export const listed = (items: readonly string[]): string =>
	new Intl.ListFormat(language.isEnglish ? 'en-GB' : language.tag).format(items);

/** `August 3, 2026`; empty if it is no date. */
export function day(date: string): string {
	const at = new Date(date);
	if (Number.isNaN(at.getTime())) return '';
	return at.toLocaleDateString(language.tag, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** `40 s`, `3 min` */
export const timeWords = (seconds: number): string => said(duration(seconds));
