/** @file Every environment, as found in the files beside it; written by `npm run docs`. */
import { addition } from './arithmetic/addition.ts';
import { sorting } from './arithmetic/sorting.ts';
import { facts } from './facts/facts.ts';
import { instructions } from './instructions/instructions.ts';
import { listPrograms } from './programs/list-programs.ts';
import { questions } from './questions/questions.ts';
import { reversal } from './strings/reversal.ts';
import { calculator } from './tools/calculator.ts';

export const environments = {
	addition,
	sorting,
	facts,
	instructions,
	'list-programs': listPrograms,
	questions,
	reversal,
	calculator,
} as const;
