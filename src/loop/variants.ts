/** @file Cells that fill a leaf of the survey in another way, as found in the files beside it; written by `npm run docs`. */
import { judged } from './1-acquire/feedback/environment/judged.ts';
import { outcomeOfGame } from './1-acquire/feedback/environment/outcome.ts';
import { confidence } from './1-acquire/feedback/model/confidence.ts';
import { judge } from './1-acquire/feedback/model/judge.ts';
import { pairwise } from './1-acquire/feedback/model/pairwise.ts';
import { spin } from './1-acquire/solution/negative/contrastive/spin.ts';
import { given } from './1-acquire/solution/positive/grounded/given.ts';
import { questionsOfRecords } from './1-acquire/task/knowledge-based/proposer.ts';
import { backTranslation } from './1-acquire/task/knowledge-free/back-translation.ts';
import { evolInstruct } from './1-acquire/task/knowledge-free/evol-instruct.ts';
import { mutation } from './1-acquire/task/knowledge-free/mutation.ts';
import { selfInstruct } from './1-acquire/task/knowledge-free/self-instruct.ts';
import { diversity } from './1-acquire/task/selective/diversity.ts';
import { fit } from './1-acquire/task/selective/fit.ts';
import { learnability } from './1-acquire/task/selective/learnability.ts';
import { retry } from './2-refine/correct/critique-free/retry.ts';
import { lengthFilter } from './2-refine/filter/metric-based/length.ts';
import { crossSeed } from './2-refine/filter/metric-free/cross-seed.ts';
import { programAgreement } from './2-refine/filter/metric-free/program-agreement.ts';
import { selfVerification } from './2-refine/filter/metric-free/self-verification.ts';
import type { Cell } from './cell.ts';

export const variants = [
	judged,
	outcomeOfGame,
	confidence,
	judge,
	pairwise,
	spin,
	given,
	questionsOfRecords,
	backTranslation,
	evolInstruct,
	mutation,
	selfInstruct,
	diversity,
	fit,
	learnability,
	retry,
	lengthFilter,
	crossSeed,
	programAgreement,
	selfVerification,
] as readonly Cell[];
