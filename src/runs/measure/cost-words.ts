/** @file The cost of a run in words, the same in the page and in the terminal. */
import type { RunCost } from '#storage/runs/store.ts';

/** Three digits at most and a prefix: `812`, `1.2 k`, `30 M`. */
function short(value: number, prefixes: readonly string[]): string {
	let power = 0;
	let scaled = value;
	const rounded = () => (scaled < 10 ? Math.round(scaled * 10) / 10 : Math.round(scaled));
	while (rounded() >= 1000 && power < prefixes.length) {
		scaled /= 1000;
		power++;
	}
	return `${rounded()} ${prefixes[power - 1] ?? ''}`.trim();
}

/** `1.2 M` */
export const tokenCount = (tokens: number): string => short(Math.round(tokens), ['k', 'M', 'B']);

/** `2.1 TFLOP` */
export const flopCount = (flop: number): string => {
	const [value, prefix = ''] = short(flop, ['k', 'M', 'G', 'T', 'P', 'E']).split(' ');
	return `${value} ${prefix}FLOP`;
};

/** `40 s`, `3 min`, `2 h 5 min` */
export function timeSpent(seconds: number): string {
	if (seconds < 1) return 'under 1 s';
	if (seconds < 59.5) return `${Math.round(seconds)} s`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 60) return `${minutes} min`;
	const rest = minutes % 60;
	return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** `1.2 M tokens read, 300 k written, 900 k trained · 2.1 TFLOP · 3 min` */
export const costWords = ({ tokensIn, tokensOut, tokensTrained, flop, seconds }: RunCost): string =>
	[
		`${tokenCount(tokensIn)} tokens read, ${tokenCount(tokensOut)} written, ${tokenCount(tokensTrained)} trained`,
		flopCount(flop),
		timeSpent(seconds),
	].join(' · ');
