/** @file Messages between the fuzzer and its child processes. */

/** One input: mutated from a seed, or built by hand and named. */
export interface Question {
	readonly reader: string;
	readonly seed: number;
	readonly byHand?: string;
}

export const kinds = [
	'sound',
	'refused',
	'unnamed error',
	'partial write',
	'crash',
	'hang',
	'memory',
	'generator failed',
] as const;

export interface Answer {
	readonly kind: (typeof kinds)[number];
	readonly message: string;
}

/** Outcomes that are no fault. */
export const isFine = ({ kind }: Answer): boolean => kind === 'sound' || kind === 'refused';
