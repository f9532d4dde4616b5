/**
 * @file Interactive solution evolution (survey 4.2.1): act, observe, revise, until the environment has nothing more to say
 * or the turns are used up.
 *
 * After Self-Debugging (Chen et al. 2023), which lets a model read what its program did and mend it, and SelfEvolve (Jiang et
 * al. 2023), which feeds the interpreter's message back. Differs: both only prompt; here the conversation is a rollout of
 * several sampled turns, and what is learnt of a right one is declared. What is said in between comes from the environment
 * as it is opened to anybody: no verifier and no reference.
 */
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { ask, byTask, questionFor } from '#loop/rollout/ask.ts';

const address = '1-acquire/solution/positive/interactive';

export const interactive = defineCell({
	section: '4.2.1',
	address,
	title: 'Interactive solutions',
	step: 'evolveSolutions',
	about: 'Solves in several turns: acts, reads what the environment says, tries again.',
	papers: ['https://arxiv.org/abs/2306.02907', 'https://arxiv.org/abs/2304.05128'],
	knobs: {
		turns: {
			kind: 'integer',
			label: 'Turns',
			help: 'How often the model may speak about one problem; the environment answers in between, and ends it earlier when it has nothing to say.',
			default: 3,
			min: 1,
			max: 16,
		},
		learns: {
			kind: 'choice',
			label: 'Learns',
			help: 'What is learnt of a right conversation. each: every turn of the model; last: the last one, after all before it; direct: the last one, as if it had been the first.',
			default: 'last',
			options: ['each', 'last', 'direct'],
		},
		samples: {
			kind: 'integer',
			label: 'Samples',
			help: 'How many conversations are had about each problem; more than one needs a temperature.',
			default: 4,
			min: 1,
			max: 64,
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
	needs: [],
	create: ({ turns, learns, samples, temperature }) => {
		return async (tasks, context) => {
			const questions = tasks
				.flatMap((task) => questionFor('interactive', task, context))
				.flatMap((question) => Array.from({ length: samples }, () => question));
			const rollouts = await ask(questions, context, {
				...{ temperature, turns, purpose: 'solutions/interactive', role: 'solver' },
				onProgress: (done) => reportStep(context, address, done, questions.length),
			});
			const marked = rollouts.map((one) => (learns === 'last' ? one : { ...one, learns }));
			return byTask(tasks, marked);
		};
	},
});
