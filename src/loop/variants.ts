/** @file Cells that fill a leaf of the survey in another way, as found in the files beside it; written by `npm run docs`. */
import { outcomeOfGame } from './1-acquire/feedback/environment/outcome.ts';
import { judge } from './1-acquire/feedback/model/judge.ts';
import { spin } from './1-acquire/solution/negative/contrastive/spin.ts';
import { selfInstruct } from './1-acquire/task/knowledge-free/self-instruct.ts';
import { learnability } from './1-acquire/task/selective/learnability.ts';
import type { Cell } from './cell.ts';

export const variants = [outcomeOfGame, judge, spin, selfInstruct, learnability] as readonly Cell[];
