/** @file Lengths of time that are still to come or only roughly known, in words. */
import { timeSpent } from './cost-words.ts';

/** About how long, in steps that do not flicker: tens of seconds, from 90 s on whole minutes. */
export function duration(seconds: number): string {
	if (seconds < 10) return 'a few seconds';
	return seconds < 90 ? `${Math.round(seconds / 10) * 10} s` : timeSpent(seconds);
}
