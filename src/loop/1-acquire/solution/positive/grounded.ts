/**
 * @file Grounded solution evolution (survey 4.2.1): rules and verified experience guide the model while it solves; what it
 * learns from is the plain task without them (context distillation, Snell et al. 2022).
 *
 * Rules are the grammar of the task's form, which holds the sampler to what the task states (SELF-ALIGN, Sun et al. 2023,
 * puts written principles into the prompt instead), or a rule that puts that form on a free answer. Experience comes from
 * external memory: solved tasks of the same kind, shown as earlier turns of the chat (MoT, Li & Qiu 2023).
 */
import { derive, random } from '#base/random.ts';
import type { Recast } from '#environments/environment.ts';
import { defineCell } from '#loop/cell.ts';
import { reminded } from '#loop/policy/recall.ts';
import { reportStep } from '#loop/report.ts';
import { ask, byTask, questionOf, type Question } from '#loop/rollout/ask.ts';
import { recastRollout } from '#loop/rollout/recast.ts';

const address = '1-acquire/solution/positive/grounded';

export const grounded = defineCell({
	section: '4.2.1',
	address,
	title: 'Grounded solutions',
	step: 'evolveSolutions',
	about: 'Solves with the rules of the task, or solved cases like it, in view.',
	papers: [
		'https://arxiv.org/abs/2305.03047',
		'https://arxiv.org/abs/2305.05181',
		'https://arxiv.org/abs/2209.15189',
	],
	knobs: {
		rules: {
			kind: 'switch',
			label: 'Rules',
			help: 'Hold every answer to the form that its task states, while exploring only.',
			default: true,
		},
		recast: {
			kind: 'switch',
			label: 'Form afterwards',
			help: 'With rules on, and where a rule can: ask without the form and without cases, and put the form on what was said, instead of holding the sampler to it. It reads better, and takes no part in pairs.',
			default: false,
		},
		examples: {
			kind: 'integer',
			label: 'Cases in view',
			help: 'How many solved tasks of the same kind are shown before each task of a chat; they come from external memory.',
			default: 0,
			min: 0,
			max: 4,
		},
		samples: {
			kind: 'integer',
			label: 'Samples',
			help: 'How many answers are sampled for each task; more than one needs a temperature.',
			default: 3,
			min: 1,
			max: 64,
		},
		unaided: {
			kind: 'integer',
			label: 'Without aid',
			help: 'How many answers are sampled beside them without both; with the objective dpo those that fail are the losers.',
			default: 0,
			min: 0,
			max: 16,
		},
		temperature: {
			kind: 'number',
			label: 'Temperature',
			help: 'How freely answers are sampled; 0 always takes the likeliest token.',
			default: 0.7,
			min: 0,
			max: 2,
			step: 0.05,
		},
	},
	needs: ['grammar?', 'recast?'],
	create: ({ rules, recast, examples, samples, unaided, temperature }) => {
		return async (tasks, context) => {
			const { world, t, policy } = context;
			const { environment } = world;
			const recasts = new Map<Question, Recast>();
			const questions = tasks.flatMap((task): readonly Question[] => {
				const stream = random(derive(world.seed, 'grounded', t, task.id));
				const [view] = environment.tasks.views(task.item, 1, stream);
				if (!view) return [];
				const question = questionOf(environment, task, view);
				const asked = [question.prompt, task, policy.memory, environment] as const;
				const { prompt, shown } = reminded(...asked, examples, stream);
				const free = rules && recast ? (environment.recast?.(task.item) ?? null) : null;
				const led = free
					? { ...question, prompt: free.prompt }
					: {
							...question,
							prompt,
							grammar: rules ? (environment.grammar?.(task.item) ?? null) : null,
							isLed: shown.length > 0,
						};
				if (free) recasts.set(led, free);
				return [
					...Array.from({ length: samples }, () => led),
					...Array.from({ length: unaided }, () => question),
				];
			});
			const rollouts = await ask(questions, context, {
				temperature,
				purpose: 'solutions/grounded',
				role: 'solver',
				onProgress: (done) => reportStep(context, address, done, questions.length),
			});
			const inForm = rollouts.map((rollout, i) => {
				const question = questions[i];
				const free = question && recasts.get(question);
				return free ? recastRollout(rollout, question, free, environment) : rollout;
			});
			return byTask(tasks, inForm);
		};
	},
});
