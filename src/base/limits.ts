/** @file Limits of what may be asked for, wherever it is asked: address, terminal, request or chat. */
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

/** Whole numbers that a run is asked for, both ends inclusive. */
export const runLimits = {
	seed: { from: seedKnob.min, to: seedKnob.max },
	rounds: { from: 1, to: 1000 },
} as const;
