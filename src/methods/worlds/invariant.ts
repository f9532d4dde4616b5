/**
 * @file An invariant under self-training (survey 3 and 8.6, safety): a persona never speaks for another one, whatever its own
 * unchecked answers teach it.
 *
 * After the gates that the survey asks for: labels are the model's own first answers, true or not, so that errors get in; an
 * update after which a forbidden fault comes up where there was none is undone. `--never none` is the control.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { qualitative } from '#loop/4-evaluate/qualitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { trains: 'lora', rank: 16, alpha: 16, steps: 60, learningRate: 2e-3 } as const;
const exam = {
	examined: 150,
	lookAhead: 1,
	stride: 1,
	steers: false,
	aim: 'safety',
} as const;
export const invariant = {
	name: 'invariant',
	title: 'Invariant',
	by: 'after Tao et al. 2024',
	paper: 'https://arxiv.org/abs/2404.14387',
	about: 'Learns from its own unchecked answers, and undoes what makes it fall out of its role.',
	environment: 'persona',
	needs: ['faults'],
	rounds: 5,
	evolveTasks: use(knowledgeFree, { problems: 150 }),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 1, temperature: 1 }),
	getFeedback: use(model),
	refine: [use(metricFree, { agreement: false })],
	update: [use(architecture, training)],
	evaluate: use(qualitative, { ...exam, never: 'out-of-role, invents' }),
} satisfies Recipe;
