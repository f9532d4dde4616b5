/** @file How each seedling is made: size, data and schedule. */
import type { SeedlingName } from '#seedlings/alphabets.ts';

export interface SeedlingRecipe {
	readonly hidden: number;
	readonly layers: number;
	readonly heads: number;
	readonly seed: number;
	readonly batch: number;
	readonly learningRate: number;
	readonly weightDecay: number;
	/** From three lengths on, one more when the smoothed loss is below this. */
	readonly lengthenBelow: number;
	/** How far to grow, and for how many steps to settle there under a cosine. */
	readonly stages: readonly { readonly longest: number; readonly settle: number }[];
	readonly maxSteps: number;
}

/** The size that lifts itself best for its cost (docs/LOG.md): 0.34M parameters. */
const usual: SeedlingRecipe = {
	hidden: 96,
	layers: 3,
	heads: 4,
	seed: 1,
	batch: 64,
	learningRate: 2e-3,
	weightDecay: 0.05,
	lengthenBelow: 0.15,
	stages: [{ longest: 8, settle: 3500 }],
	maxSteps: 12_000,
};

export const seedlings = {
	addition: usual,
	'addition-scratchpad': { ...usual, stages: [{ longest: 6, settle: 1500 }] },
	reversal: { ...usual, hidden: 64, stages: [{ longest: 8, settle: 1500 }] },
	sorting: usual,
} as const satisfies Readonly<Partial<Record<SeedlingName, SeedlingRecipe>>>;
export type PretrainedName = keyof typeof seedlings;
