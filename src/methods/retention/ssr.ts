/**
 * @file SSR (Huang et al. 2024): while new problems are learnt, the model tells itself problems of before, and holds on to
 * its own answers to them.
 *
 * Differs: the environment draws the old problems, where a language model writes them; answers count that two views
 * agree on; what is new comes from votes of the model itself. Only the environment that is practised is retold.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const ssr = {
	name: 'ssr',
	title: 'Self-synthesized rehearsal',
	by: 'Huang et al. 2024',
	paper: 'https://arxiv.org/abs/2403.01244',
	about: 'Learns new problems while it repeats its own answers to old ones, with no stored data.',
	environment: 'reversal',
	rounds: 3,
	evolveTasks: use(knowledgeFree, { problems: 150 }),
	evolveSolutions: use(rationaleBased, {
		views: 1,
		samples: 5,
		temperature: 0.7,
		early: true,
		agree: 0.8,
	}),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.8, keeps: 'answer' })],
	update: [
		use(replay, { share: 0.5, source: 'retold', lessons: 64 }),
		use(architecture, { trains: 'full', steps: 50, learningRate: 5e-4 }),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 40 }),
} satisfies Recipe;
