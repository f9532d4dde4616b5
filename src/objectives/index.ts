/** @file Every objective and penalty, as found in the files beside it; written by `npm run docs`. */
import { distilObjective } from './distil.ts';
import { dpoObjective } from './dpo.ts';
import { klPenalty } from './kl.ts';
import { policyGradientObjective } from './policy-gradient.ts';
import { selectiveObjective } from './selective.ts';
import { supervisedObjective } from './supervised.ts';

export const definitions = [
	distilObjective,
	dpoObjective,
	klPenalty,
	policyGradientObjective,
	selectiveObjective,
	supervisedObjective,
] as const;
