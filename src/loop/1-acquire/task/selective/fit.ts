/**
 * @file Selection by fit of answer and instruction (survey 4.1, selective tasks): of a fixed pool the problems that say least
 * of what the model will answer, but something.
 *
 * The instruction-following difficulty of Li et al. 2023, by which Selective Reflection-Tuning (Li et al. 2024) chooses: how
 * much likelier an answer is after its own instruction than without. Differs: the answer is the model's own, and without is
 * after another problem of its difficulty. Where the own problem does not help at all the two do not belong together, and
 * the problem comes last. Nobody is told the truth.
 */
import { derive, random } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { poolKnobs, shuffledPool } from '#loop/pool.ts';
import { reportStep } from '#loop/report.ts';
import { ask, questionFor } from '#loop/rollout/ask.ts';
import { gainsOf } from '#loop/rollout/gain.ts';
import type { Task } from '#loop/types.ts';

const address = '1-acquire/task/selective/fit';

export const fit = defineCell({
	section: '4.1',
	address,
	title: 'Tasks by fit of the answer',
	step: 'evolveTasks',
	about: 'Chooses of a pool the problems whose words hardly help the model to its answer.',
	papers: ['https://arxiv.org/abs/2308.12032', 'https://arxiv.org/abs/2402.10110'],
	knobs: {
		...poolKnobs,
		weighed: {
			kind: 'integer',
			label: 'Candidates',
			help: 'How many problems of the pool are answered and weighed in a round.',
			default: 400,
			min: 1,
			max: 20_000,
			step: 50,
		},
	},
	needs: [],
	create: ({ selected, weighed, ...pool }) => {
		return async (context) => {
			const { world, t } = context;
			world.signal.throwIfAborted();
			const candidates = shuffledPool(pool, context).slice(0, weighed);
			const questions = candidates.flatMap((task) => questionFor('fit', task, context));
			const rollouts = await ask(questions, context, {
				...{ temperature: 0, purpose: 'fit', role: 'solver' },
				onProgress: (done) => reportStep(context, address, done, questions.length),
			});
			const stream = random(derive(world.seed, 'fit/others', t));
			const answered = questions.flatMap(({ task }, i) => {
				const rollout = rollouts[i];
				return rollout && rollout.answer !== null ? [{ task, rollout }] : [];
			});
			const gains = await gainsOf(answered, 1, context, stream);
			const gain = new Map(answered.map(({ task }, i) => [task, gains[i] ?? 0]));
			const rank = (task: Task): number => {
				const own = gain.get(task) ?? 0;
				return own > 0 ? own : Infinity;
			};
			// A stable sort: equals stay in the random order of the pool.
			const chosen = candidates
				.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
				.slice(0, selected);
			reportStep(context, address, chosen.length, chosen.length);
			return chosen;
		};
	},
});
