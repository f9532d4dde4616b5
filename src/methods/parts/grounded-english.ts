/** @file Knobs of the recipes that are grounded in rules in English, alike in them, so that they can be compared. */

export const lora = { trains: 'lora', rank: 16, alpha: 32 } as const;
export const explored = { problems: 96, spread: 'weak-kinds' } as const;
export const filtered = {
	minScore: 1,
	cap: 1,
	prefer: 'varied',
	maxSurprise: 9,
	capKind: 12,
} as const;
export const exam = {
	examined: 60,
	recalled: 2,
	lookAhead: 0,
	span: 'practised',
	stride: 0,
} as const;
