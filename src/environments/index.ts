/** @file Every environment, as found in the files beside it; written by `npm run docs`. */
import { addition } from './arithmetic/addition.ts';
import { countdown } from './arithmetic/countdown.ts';
import { multiplication } from './arithmetic/multiplication.ts';
import { sorting } from './arithmetic/sorting.ts';
import { facts } from './facts/facts.ts';
import { kuhnPoker } from './games/kuhn-poker.ts';
import { nim } from './games/nim.ts';
import { referenceGame } from './games/reference-game.ts';
import { tictactoe } from './games/tictactoe.ts';
import { edits } from './instructions/edits.ts';
import { instructions } from './instructions/instructions.ts';
import { translation } from './language/translation.ts';
import { blocks } from './planning/blocks.ts';
import { functions } from './programs/functions.ts';
import { listPrograms } from './programs/list-programs.ts';
import { questions } from './questions/questions.ts';
import { order } from './reasoning/order.ts';
import { persona } from './role-play/persona.ts';
import { reversal } from './strings/reversal.ts';
import { calculator } from './tools/calculator.ts';
import { grid } from './worlds/grid.ts';

export const environments = {
	addition,
	countdown,
	multiplication,
	sorting,
	facts,
	'kuhn-poker': kuhnPoker,
	nim,
	'reference-game': referenceGame,
	tictactoe,
	edits,
	instructions,
	translation,
	blocks,
	functions,
	'list-programs': listPrograms,
	questions,
	order,
	persona,
	reversal,
	calculator,
	grid,
} as const;
