/**
 * @file Update in weights with regularization (survey 6.1.2, weight-based): the weights may not jump.
 *
 * An exponential average of the weights answers instead of the last ones (after WARM, Ramé et al. 2024, and
 * Elastic Reset, Noukhovitch et al. 2023), and weight decay pulls towards zero. Function-based, a KL penalty holds the
 * answers near those of a reference (RLHF, Ouyang et al. 2022; k3 as in GRPO, Shao et al. 2024). L2-SP (Li et al. 2018)
 * pulls the weights to those that training began with; by the Fisher information of old skills it is EWC (Kirkpatrick
 * et al. 2017), towards those that the round begins with.
 */
import { defineCell } from '#loop/cell.ts';
import { amendTraining } from '#loop/plan.ts';
import { reportStep } from '#loop/report.ts';
import { oldSkills } from '../old-skills.ts';

const address = '3-update/in-weight/regularization';

/** Problems of each difficulty of the first lessons among which the importance of weights is estimated. */
const lessonProblems = 64;

export const regularization = defineCell({
	section: '6.1.2',
	address,
	title: 'Regularization',
	step: 'update',
	about: 'Answers with a moving average of the weights, so that one bad step does little harm.',
	papers: [
		'https://arxiv.org/abs/2401.12187',
		'https://arxiv.org/abs/2312.07551',
		'https://arxiv.org/abs/2203.02155',
		'https://arxiv.org/abs/1802.01483',
		'https://arxiv.org/abs/1612.00796',
	],
	knobs: {
		average: {
			kind: 'number',
			label: 'Weight average',
			help: 'How much of the old average stays at each step, e.g. 0.95; 0 answers with the last weights.',
			default: 0.95,
			min: 0,
			max: 0.999,
			step: 0.005,
		},
		elastic: {
			kind: 'switch',
			label: 'Elastic reset',
			help: 'After each round training goes on from the weight average, and the average begins anew at the first weights.',
			default: false,
		},
		weightDecay: {
			kind: 'number',
			label: 'Weight decay',
			help: 'How strongly AdamW pulls every trained weight towards zero.',
			default: 0,
			min: 0,
			max: 0.5,
			step: 0.01,
		},
		pull: {
			kind: 'number',
			label: 'Pull to the start',
			help: 'How strongly weights are pulled to those that training began with (L2-SP); 0 is off.',
			default: 0,
			min: 0,
			max: 10,
			step: 0.01,
		},
		pullBy: {
			kind: 'choice',
			label: 'Pull by',
			help: 'equal: all weights alike; fisher: each by how much its old skills depend on it (EWC).',
			default: 'equal',
			options: ['equal', 'fisher'],
		},
		fisherSamples: {
			kind: 'integer',
			label: 'Fisher samples',
			help: 'How many old answers tell at the start of a round which weights matter; each takes one backward pass.',
			default: 64,
			min: 1,
			max: 4096,
		},
		klCoefficient: {
			kind: 'number',
			label: 'KL coefficient',
			help: 'How strongly what it says of the trained tokens is held to the reference; 0 is off and costs nothing.',
			default: 0,
			min: 0,
			max: 10,
			step: 0.01,
		},
		klReference: {
			kind: 'choice',
			label: 'Reference',
			help: 'What the KL penalty and preferences compare with: the policy that the round began with, or the base model.',
			default: 'round',
			options: ['round', 'base'],
		},
	},
	needs: [],
	create: (knobs) => {
		const { average, elastic, weightDecay, pull, pullBy, fisherSamples } = knobs;
		const { klCoefficient, klReference } = knobs;
		return async (plan, _refined, context) => {
			context.world.signal.throwIfAborted();
			reportStep(context, address, 1, 1);
			const kl = { name: 'kl', coefficient: klCoefficient, estimator: 'k3' } as const;
			const importance = pull > 0 &&
				pullBy === 'fisher' && {
					importance: {
						examples: await oldSkills('both', lessonProblems, context),
						samples: fisherSamples,
					},
				};
			return amendTraining(plan, (training) => ({
				...training,
				optimizer: {
					...{ ...training.optimizer, average, weightDecay, pull, ...importance },
					...(elastic && average > 0 && { elastic: true }),
				},
				penalties: klCoefficient > 0 ? [...training.penalties, kl] : training.penalties,
				reference: klReference,
			}));
		};
	},
});
