/**
 * @file Unanimous self-training whose every round ends at a tenth of its learning rate, as a pre-training does: what is
 * mastered already stays sure while longer problems are learnt.
 *
 * After Lee et al. 2025. Differs from `unanimous` in the update alone: more steps, under a cosine (Loshchilov & Hutter 2017).
 */
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { type Recipe, use } from '../parts/method.ts';
import { unanimous } from './unanimous.ts';

const training = { rank: 64, alpha: 64, steps: 150, learningRate: 2e-3 } as const;
export const settled = {
	...unanimous,
	name: 'settled',
	title: 'Settled self-training',
	about: 'Climbs by what every view agrees on, and lets each round come to rest.',
	environment: 'blocks',
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', ...training, schedule: 'cosine', carryOptimizer: false }),
	],
} satisfies Recipe;
