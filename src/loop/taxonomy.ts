/** @file The survey's table of contents: its 22 leaves, in its order. What exists in this house is what stands here. */
import { knowledgeBased } from './1-acquire/task/knowledge-based.ts';
import { knowledgeFree } from './1-acquire/task/knowledge-free.ts';
import { selective } from './1-acquire/task/selective.ts';
import { rationaleBased } from './1-acquire/solution/positive/rationale-based.ts';
import { interactive } from './1-acquire/solution/positive/interactive.ts';
import { selfPlay } from './1-acquire/solution/positive/self-play.ts';
import { grounded } from './1-acquire/solution/positive/grounded.ts';
import { contrastive } from './1-acquire/solution/negative/contrastive.ts';
import { perturbative } from './1-acquire/solution/negative/perturbative.ts';
import { model } from './1-acquire/feedback/model.ts';
import { environment } from './1-acquire/feedback/environment.ts';
import { metricBased } from './2-refine/filter/metric-based.ts';
import { metricFree } from './2-refine/filter/metric-free.ts';
import { critiqueBased } from './2-refine/correct/critique-based.ts';
import { critiqueFree } from './2-refine/correct/critique-free.ts';
import { replay } from './3-update/in-weight/replay.ts';
import { regularization } from './3-update/in-weight/regularization.ts';
import { architecture } from './3-update/in-weight/architecture.ts';
import { externalMemory } from './3-update/in-context/external-memory.ts';
import { workingMemory } from './3-update/in-context/working-memory.ts';
import { quantitative } from './4-evaluate/quantitative.ts';
import { qualitative } from './4-evaluate/qualitative.ts';
import type { Cell } from './cell.ts';

export const taxonomy = {
	// 4.1  task evolution
	'1-acquire/task/knowledge-based': knowledgeBased,
	'1-acquire/task/knowledge-free': knowledgeFree,
	'1-acquire/task/selective': selective,
	// 4.2.1  solutions, positive
	'1-acquire/solution/positive/rationale-based': rationaleBased,
	'1-acquire/solution/positive/interactive': interactive,
	'1-acquire/solution/positive/self-play': selfPlay,
	'1-acquire/solution/positive/grounded': grounded,
	// 4.2.2  solutions, negative
	'1-acquire/solution/negative/contrastive': contrastive,
	'1-acquire/solution/negative/perturbative': perturbative,
	// 4.3  feedback
	'1-acquire/feedback/model': model,
	'1-acquire/feedback/environment': environment,
	// 5.1  filtering
	'2-refine/filter/metric-based': metricBased,
	'2-refine/filter/metric-free': metricFree,
	// 5.2  correcting
	'2-refine/correct/critique-based': critiqueBased,
	'2-refine/correct/critique-free': critiqueFree,
	// 6.1  in weights
	'3-update/in-weight/replay': replay,
	'3-update/in-weight/regularization': regularization,
	'3-update/in-weight/architecture': architecture,
	// 6.2  in context
	'3-update/in-context/external-memory': externalMemory,
	'3-update/in-context/working-memory': workingMemory,
	// 7  evaluation
	'4-evaluate/quantitative': quantitative,
	'4-evaluate/qualitative': qualitative,
} as const;

export type Address = keyof typeof taxonomy;

/** Every cell; knobs and step types are those of its own file. */
export const cells = Object.values(taxonomy) as readonly Cell[];

export { variants } from './variants.ts';
