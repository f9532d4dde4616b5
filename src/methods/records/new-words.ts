/**
 * @file New facts into weights (survey 3, expanding the knowledge base): words that a model never met are practised in short
 * sentences, and what is examined are other sentences with them, longer ones too.
 *
 * After SciGLM and Self-Align, which make tasks of bodies of knowledge. Differs: records are words of a dictionary, those
 * that are known least come first, and the answers are the environment's. The lessons of before are gone over again.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { spin } from '#loop/1-acquire/solution/negative/contrastive/spin.ts';
import { knowledgeBased } from '#loop/1-acquire/task/knowledge-based.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { trains: 'full', steps: 60, batch: 64, learningRate: 5e-4 } as const;
const exam = { examined: 100, lookAhead: 2, stride: 0, minKept: 0, elsewhereEvery: 0 } as const;
export const newWords = {
	name: 'new-words',
	title: 'New words',
	by: 'after Zhang et al. 2024',
	paper: 'https://arxiv.org/abs/2401.07950',
	about: 'Learns words it never met in short sentences, and is examined in others.',
	environment: 'translation',
	environmentKnobs: { words: 'new' },
	rounds: 4,
	evolveTasks: use(knowledgeBased, { records: 12, asked: 16, first: 'unknown' }),
	evolveSolutions: use(spin),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [use(replay, { share: 0.5, source: 'both', lessons: 64 }), use(architecture, training)],
	evaluate: use(quantitative, { ...exam, aim: 'knowledge' }),
} satisfies Recipe;
