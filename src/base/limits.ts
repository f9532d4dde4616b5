/** @file Limits of request values, the same for address, terminal, API and chat. */
import type { NumberKnob } from './knobs.ts';

/** A seed is 32 bits, unsigned. */
export const seedKnob = {
	kind: 'integer',
	label: 'Seed',
	help: 'The same seed gives the same result.',
	default: 1,
	min: 0,
	max: 2 ** 32 - 1,
	scale: 'none',
} as const satisfies NumberKnob;

/** Ranges of the whole numbers in a run's request, both ends inclusive. */
export const runLimits = {
	seed: { from: seedKnob.min, to: seedKnob.max },
	rounds: { from: 1, to: 1000 },
} as const;
