/** @file The optimizer of a trainer as a chain of parts: pull, clipping, AdamW, the average of the weights. */
import type { OptimizerOptions } from '../trainer.ts';
import { adamw } from './adamw.ts';
import { average } from './average.ts';
import { clip } from './clip.ts';
import { chain, type Part } from './part.ts';
import { pullTo } from './pull.ts';

/** Chain of the parts that are on. */
export const optimizer = (options: OptimizerOptions): Part =>
	chain(
		...(options.pull ? [pullTo(options.pull)] : []),
		clip(options.clip),
		adamw(options),
		...(options.average > 0 ? [average(options.average)] : []),
	);
