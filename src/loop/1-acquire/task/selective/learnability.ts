/**
 * @file Selection by learnability (survey 4.1, selective tasks): of a fixed pool the problems that are solved now and then,
 * since those that always or never are teach nothing.
 *
 * Tries each candidate several times and takes those with the largest p·(1 − p) of the share p of right answers
 * (Foster & Foerster 2025, after Rutherford et al. 2024). Equal ones come in random order.
 */
import { defineCell } from '#loop/cell.ts';
import { poolKnobs, shuffledPool } from '#loop/pool.ts';
import { reportStep } from '#loop/report.ts';
import { ask, questionFor, verdictOf } from '#loop/rollout/ask.ts';
import type { Context, Task } from '#loop/types.ts';

const address = '1-acquire/task/selective/learnability';

export const learnability = defineCell({
	section: '4.1',
	address,
	title: 'Tasks by learnability',
	step: 'evolveTasks',
	about: 'Tries problems of a pool first, and chooses those that it gets right now and then.',
	papers: ['https://arxiv.org/abs/2502.12272', 'https://arxiv.org/abs/2408.15099'],
	knobs: {
		...poolKnobs,
		candidates: {
			kind: 'integer',
			label: 'Candidates',
			help: 'How many problems of the pool are tried in a round.',
			default: 800,
			min: 1,
			max: 20_000,
			step: 50,
		},
		tries: {
			kind: 'integer',
			label: 'Tries',
			help: 'How often each candidate is tried; the verifier counts the right answers.',
			default: 4,
			min: 2,
			max: 64,
		},
		tryTemperature: {
			kind: 'number',
			label: 'Freedom of tries',
			help: 'Temperature of the tries; at 0 they are all alike.',
			default: 1,
			min: 0,
			max: 2,
			step: 0.05,
		},
	},
	needs: ['score'],
	create: ({ selected, candidates, tries, tryTemperature, ...pool }) => {
		return async (context) => {
			context.world.signal.throwIfAborted();
			const tried = shuffledPool(pool, context).slice(0, candidates);
			const shares = await solvedShares(tried, tries, tryTemperature, context);
			const learnable = (task: Task): number => {
				const p = shares.get(task) ?? 0;
				return p * (1 - p);
			};
			// A stable sort: equals stay in the random order of the pool.
			const chosen = tried.toSorted((a, b) => learnable(b) - learnable(a)).slice(0, selected);
			reportStep(context, address, chosen.length, chosen.length);
			return chosen;
		};
	},
});

/** Share of right answers to each task; none of one that nobody could judge. */
async function solvedShares(
	tasks: readonly Task[],
	tries: number,
	temperature: number,
	context: Context<'score'>,
): Promise<ReadonlyMap<Task, number>> {
	const { world } = context;
	const { environment } = world;
	const questions = tasks
		.flatMap((task) => questionFor('learnability', task, context))
		.flatMap((question) => Array.from({ length: tries }, () => question));
	const rollouts = await ask(questions, context, {
		...{ temperature, purpose: 'learnability', role: 'solver' },
		onProgress: (done) => reportStep(context, address, done, questions.length),
	});
	const counts = new Map<Task, { right: number; judged: number }>();
	for (const [i, { task }] of questions.entries()) {
		const rollout = rollouts[i];
		if (!rollout) continue;
		const { kind } = await verdictOf(environment, task, rollout, world.signal);
		if (kind === 'unjudged') continue;
		const { right, judged } = counts.get(task) ?? { right: 0, judged: 0 };
		counts.set(task, { right: right + Number(kind === 'correct'), judged: judged + 1 });
	}
	return new Map([...counts].map(([task, { right, judged }]) => [task, right / judged]));
}
