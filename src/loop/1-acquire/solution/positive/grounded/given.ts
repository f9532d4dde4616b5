/**
 * @file Given texts (survey 4.2.1, grounded): the answer to a mined task is the text that it was mined from.
 *
 * Instruction back-translation (Li et al. 2023) needs no solver: what is learnt was written before there was a task. A task
 * that comes with no text has no answer here.
 */
import { derive, random } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { questionOf } from '#loop/rollout/ask.ts';
import { written } from '#loop/rollout/written.ts';

const address = '1-acquire/solution/positive/grounded/given';

export const given = defineCell({
	section: '4.2.1',
	address,
	title: 'Given texts',
	step: 'evolveSolutions',
	about: 'Takes the text that a task was mined from as its answer; nothing is solved.',
	papers: ['https://arxiv.org/abs/2308.06259'],
	knobs: {},
	needs: [],
	create: () => (tasks, context) => {
		const { world, t } = context;
		const { environment } = world;
		world.signal.throwIfAborted();
		const solutions = tasks.map((task) => {
			const stream = random(derive(world.seed, 'given', t, task.id));
			const [view] = environment.tasks.views(task.item, 1, stream);
			if (!view || task.source === undefined) return { task, rollouts: [] };
			const question = questionOf(environment, task, view);
			const id = `given/${t}/${task.id}`;
			return { task, rollouts: [written(question, task.source, environment, { id })] };
		});
		reportStep(context, address, solutions.length, solutions.length);
		return Promise.resolve(solutions);
	},
});
