/**
 * @file Parameter `present` of the address: words that say how the page is presented. `present` alone shows the run;
 * `present=talk`; `present=loop`, `present=loop,live`; with `5min` until the ending, and `20s` for which a loop shows it.
 */

export interface Mode {
	/** The talk begins at once. */
	readonly talks: boolean;
	readonly loops: boolean;
	/** The loop's turns are live runs. */
	readonly isLive: boolean;
	/** Minutes until the ending; null is the end of the run. */
	readonly minutes: number | null;
	/** Seconds for which the loop shows the ending. */
	readonly seconds: number;
}

const usualSeconds = 20;

/** Reads the parameter; words that say nothing are passed over. */
export function readMode(text: string): Mode {
	const words = text.split(',');
	const amount = (unit: string, most: number): number | null => {
		const found = words.map((word) => new RegExp(`^(\\d{1,4})${unit}$`).exec(word)?.[1]);
		const value = Number(found.find((one) => one !== undefined));
		return value >= 1 && value <= most ? value : null;
	};
	return {
		talks: words.includes('talk'),
		loops: words.includes('loop'),
		isLive: words.includes('live'),
		minutes: amount('min', 240),
		seconds: amount('s', 600) ?? usualSeconds,
	};
}

/** The parameter that `readMode` reads back. */
export const writeMode = ({ talks, loops, isLive, minutes, seconds }: Mode): string =>
	[
		...(talks ? ['talk'] : []),
		...(loops ? ['loop'] : []),
		...(loops && isLive ? ['live'] : []),
		...(minutes === null ? [] : [`${minutes}min`]),
		...(loops && seconds !== usualSeconds ? [`${seconds}s`] : []),
	].join(',');
