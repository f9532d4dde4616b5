/**
 * @file Knowledge into weights: questions about the records of a table, answered from the table, are learnt; what is
 * examined is whether the same facts are known when they are asked in another form.
 *
 * After UltraChat (Ding et al. 2023), which makes dialogues of entities of Wikidata. Differs: questions with one right
 * answer, from a table that no model has seen. Two rounds of 60 steps taught SmolLM2-135M how to answer, and no fact in a
 * form that it had not met.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { spin } from '#loop/1-acquire/solution/negative/contrastive/spin.ts';
import { knowledgeBased } from '#loop/1-acquire/task/knowledge-based.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

const training = { steps: 80, batch: 8, learningRate: 5e-4, schedule: 'linear' } as const;
export const knowledge = {
	name: 'knowledge',
	title: 'Knowledge into weights',
	by: 'after Ding et al. 2023',
	paper: 'https://arxiv.org/abs/2305.14233',
	about: 'Practises the facts of a table, and is asked for them in other words.',
	environment: 'facts',
	rounds: 4,
	evolveTasks: use(knowledgeBased, { records: 10 }),
	evolveSolutions: use(spin),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'rounds' }),
		use(architecture, { trains: 'lora', rank: 16, alpha: 32, ...training }),
	],
	evaluate: use(quantitative, { examined: 60, lookAhead: 0, stride: 0, minKept: 0 }),
} satisfies Recipe;
