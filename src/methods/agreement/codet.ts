/**
 * @file CodeT (Chen et al. 2022): of many programs those are believed that do the same as most others and pass most tests.
 *
 * Differs: the paper picks an answer and trains nothing; here the programs that agree are learnt. Tests are the shown
 * pairs and made-up inputs. The verifier is not asked.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { interactive } from '#loop/1-acquire/solution/positive/interactive.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { programAgreement } from '#loop/2-refine/filter/metric-free/program-agreement.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const codet = {
	name: 'codet',
	title: 'CodeT',
	by: 'after Chen et al. 2022',
	paper: 'https://arxiv.org/abs/2207.10397',
	about: 'Runs all its programs for a problem, and learns those that most others agree with.',
	environment: 'list-programs',
	rounds: 3,
	needs: ['programs'],
	environmentKnobs: { mode: 'induction' },
	evolveTasks: use(selective, { selected: 400, poolSize: 1000, poolFrom: -2, poolTo: -1 }),
	evolveSolutions: use(interactive, { turns: 1, samples: 8, temperature: 0.8 }),
	getFeedback: use(model),
	refine: [use(programAgreement, { inputs: 6, consensus: 0.3 })],
	update: [
		use(replay, { share: 0.5, source: 'base' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 64, alpha: 64, steps: 100, learningRate: 3e-4 }),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 0 }),
} satisfies Recipe;
