/** @file How each seedling is made: size, data and schedule. */
import type { SeedlingName } from '#environments/alphabet.ts';

export interface SeedlingRecipe {
	readonly hidden: number;
	readonly layers: number;
	readonly heads: number;
	readonly seed: number;
	readonly batch: number;
	readonly learningRate: number;
	readonly weightDecay: number;
	/** One length more when the smoothed loss is below this. */
	readonly lengthenBelow: number;
	/** Steps at full length, under a cosine. */
	readonly finalSteps: number;
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
	finalSteps: 3000,
	maxSteps: 12_000,
};

export const seedlings = {
	addition: usual,
	'addition-scratchpad': usual,
	reversal: usual,
	sorting: usual,
} as const satisfies Readonly<Partial<Record<SeedlingName, SeedlingRecipe>>>;
export type PretrainedName = keyof typeof seedlings;
