/**
 * @file Update in weights by architecture (survey 6.1.3, decomposition and merging): which parameters learn, how long, and
 * which of them answer.
 *
 * LoRA (Hu et al. 2021) on every linear module of a block, or all parameters. `restart` follows STaR and ReST-EM, which
 * train the base model anew in each round. DPO (Rafailov et al. 2023) learns from right beside wrong answers, policy
 * gradients from all judged answers to a task (GRPO, Shao et al. 2024).
 */
import { trainingKnobs } from '#base/training-knobs.ts';
import { defineCell } from '#loop/cell.ts';
import { amendTraining } from '#loop/plan.ts';
import { reportStep } from '#loop/report.ts';
import { loraTargets } from '#model/adapter.ts';
import { dpoObjective } from '#objectives/dpo.ts';
import { policyGradientObjective } from '#objectives/policy-gradient.ts';
import { objectives, objectiveSpec } from '#objectives/registry.ts';
import { selectiveObjective } from '#objectives/selective.ts';
import { mergedOver, mergeKnobs } from '../merging.ts';
import { withObjective } from '../objective.ts';

const address = '3-update/in-weight/architecture';
const group = 'Optimizer';

export const architecture = defineCell({
	section: '6.1.3',
	address,
	title: 'Architecture',
	step: 'update',
	about: 'Says which weights learn: a small adapter beside the frozen model, or all of them.',
	papers: [
		'https://arxiv.org/abs/2106.09685',
		'https://arxiv.org/abs/2305.18290',
		'https://arxiv.org/abs/2404.19733',
		'https://arxiv.org/abs/2402.03300',
		'https://arxiv.org/abs/2404.07965',
		'https://arxiv.org/abs/2203.05482',
		'https://arxiv.org/abs/2212.04089',
		'https://arxiv.org/abs/2306.01708',
		'https://arxiv.org/abs/2311.03099',
		'https://arxiv.org/abs/2403.13187',
		'https://arxiv.org/abs/2309.14763',
	],
	knobs: {
		objective: {
			group: 'Objective',
			kind: 'choice',
			label: 'Objective',
			help: `${objectives.map(({ name, about }) => `${name}: ${about}`).join('; ')}.`,
			default: 'supervised',
			options: objectives.map(({ name }) => name),
		},
		beta: {
			group: 'Objective',
			kind: 'number',
			label: 'Beta',
			help: 'How near the reference DPO stays; larger is nearer.',
			default: 0.1,
			min: 0.001,
			max: 10,
			scale: 'log',
		},
		likelihood: { ...dpoObjective.options.likelihood, group: 'Objective' },
		surprise: { ...selectiveObjective.options.surprise, group: 'Objective' },
		clipLow: { ...policyGradientObjective.options.clipLow, group: 'Objective' },
		clipHigh: { ...policyGradientObjective.options.clipHigh, group: 'Objective' },
		normalise: {
			group: 'Objective',
			kind: 'choice',
			label: 'Advantages',
			help: 'deviation: divided by the spread of the scores of a task (GRPO); none: not (Dr. GRPO).',
			default: 'deviation',
			options: ['deviation', 'none'],
		},
		trains: {
			kind: 'choice',
			label: 'Trains',
			help: 'lora: a small adapter beside the frozen model; full: every weight.',
			default: 'lora',
			options: ['lora', 'full'],
		},
		rank: { ...trainingKnobs.rank, default: 16 },
		alpha: trainingKnobs.alpha,
		topShare: trainingKnobs.topShare,
		steps: { ...trainingKnobs.steps, group, help: 'Optimizer steps of a round.', default: 50 },
		stepGrowth: {
			group,
			kind: 'number',
			label: 'Step growth',
			help: 'Each round takes this many times the steps of the round before.',
			default: 1,
			min: 1,
			max: 2,
			step: 0.05,
		},
		batch: { ...trainingKnobs.batch, group, default: 64 },
		learningRate: { ...trainingKnobs.learningRate, group, default: 2e-3 },
		warmup: {
			group,
			kind: 'integer',
			label: 'Warm-up',
			help: 'Steps in which the learning rate rises to its largest.',
			default: 5,
			min: 0,
			max: 1000,
		},
		schedule: {
			group,
			kind: 'choice',
			label: 'Schedule',
			help: 'How the learning rate goes on after the warm-up; cosine and linear end at a tenth.',
			default: 'constant',
			options: ['constant', 'cosine', 'linear'],
		},
		restart: {
			kind: 'switch',
			label: 'Restart',
			help: 'Train the base model anew in every round instead of going on from the last one.',
			default: false,
		},
		carryOptimizer: {
			group,
			kind: 'switch',
			label: 'Carry the optimizer',
			help: "Keep AdamW's moments from one round to the next.",
			default: true,
		},
		...mergeKnobs,
	},
	needs: [],
	create: (knobs) => {
		const { trains, rank, alpha, topShare, steps, stepGrowth, batch, normalise } = knobs;
		const { learningRate, warmup, schedule, restart, carryOptimizer } = knobs;
		const objective = objectiveSpec(knobs.objective, knobs);
		const isLora = trains === 'lora';
		return async (plan, refined, context) => {
			context.world.signal.throwIfAborted();
			reportStep(context, address, 1, 1);
			const amended = amendTraining(plan, (training) => ({
				...withObjective(training, refined, context, objective, { normalise }),
				restart,
				carryOptimizer,
				parameters: isLora ? { kind: 'lora', rank, alpha, targets: loraTargets } : { kind: 'full' },
				...(isLora && topShare < 1 && { topShare }),
				optimizer: { ...training.optimizer, learningRate, warmup, schedule },
				budget: { steps: Math.round(steps * stepGrowth ** (context.t - 1)), batch },
			}));
			return mergedOver(knobs, amended, context);
		};
	},
});
