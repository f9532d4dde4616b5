/** @file Size, data and schedule of the pre-training of each seedling. */
import type { SeedlingName } from './alphabets.ts';

/** Size, data and schedule of a pre-training. */
export interface PretrainingRecipe {
	readonly hidden: number;
	readonly layers: number;
	readonly heads: number;
	/** Blocks with rotary positions, the first ones; none unless told. */
	readonly rotary?: number;
	readonly seed: number;
	readonly batch: number;
	readonly learningRate: number;
	readonly weightDecay: number;
	/** From three lengths on, one more when the smoothed loss is below this. */
	readonly lengthenBelow: number;
	/** Target of growth, and number of steps to settle there under a cosine. */
	readonly stages: readonly { readonly longest: number; readonly settle: number }[];
	readonly maxSteps: number;
}

/** The size with the best gain for its cost (docs/LOG.md): 0.34M parameters. */
const usual: PretrainingRecipe = {
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

/** For what needs no arithmetic: 0.15M parameters. */
const small: PretrainingRecipe = { ...usual, hidden: 64 };

/** By seedling; those that have none are not made here. */
export const pretrainingRecipes: Readonly<Partial<Record<SeedlingName, PretrainingRecipe>>> = {
	addition: usual,
	'addition-scratchpad': { ...usual, stages: [{ longest: 6, settle: 1500 }] },
	calculator: {
		...usual,
		rotary: 1,
		hidden: 64,
		lengthenBelow: 0.3,
		stages: [{ longest: 3, settle: 500 }],
	},
	'list-programs': {
		...usual,
		rotary: 1,
		lengthenBelow: 0.6,
		stages: [{ longest: 2, settle: 4500 }],
	},
	reversal: { ...usual, hidden: 64, stages: [{ longest: 8, settle: 1500 }] },
	sorting: usual,
	order: { ...small, lengthenBelow: 0.25, stages: [{ longest: 6, settle: 3000 }] },
	blocks: {
		...small,
		rotary: 1,
		lengthenBelow: 0.2,
		stages: [{ longest: 6, settle: 3000 }],
	},
	translation: { ...small, stages: [{ longest: 8, settle: 1000 }] },
	persona: { ...small, lengthenBelow: 0.25, stages: [{ longest: 4, settle: 2600 }] },
	nim: { ...small, lengthenBelow: 0.2, stages: [{ longest: 6, settle: 3000 }] },
	tictactoe: { ...usual, hidden: 64, lengthenBelow: 2, stages: [{ longest: 6, settle: 3000 }] },
	grid: {
		...small,
		rotary: 3,
		lengthenBelow: 0.25,
		stages: [{ longest: 4, settle: 800 }],
	},
	edits: {
		...small,
		rotary: 1,
		lengthenBelow: 0.2,
		stages: [{ longest: 3, settle: 1000 }],
	},
	polyglot: {
		...usual,
		layers: 4,
		lengthenBelow: 0.3,
		stages: [{ longest: 6, settle: 5000 }],
	},
};
