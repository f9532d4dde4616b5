/**
 * @file Cross-seed agreement (survey 5.1.2): an answer is kept if the policy gives it again under other seeds and
 * temperatures.
 *
 * After Lee et al. 2025, who keep a label if at least 0.7 of five models trained with different seeds agree. Differs: it is
 * one model with seeds of its own for each question, asked from greedy up to the highest temperature.
 */
import { agree } from '#loop/rollout/agreement.ts';
import { defineCell } from '#loop/cell.ts';
import { ask, questionOf } from '#loop/rollout/ask.ts';
import { reportStep } from '#loop/report.ts';
import { answererOf, candidatesOf, narrow } from '../../narrow.ts';

const address = '2-refine/filter/metric-free/cross-seed';

export const crossSeed = defineCell({
	section: '5.1.2',
	address,
	title: 'Agreement of seeds',
	step: 'refine',
	about: 'Asks again with other seeds and temperatures, and keeps what is answered alike.',
	papers: ['https://arxiv.org/abs/2502.01612', 'https://arxiv.org/abs/2203.11171'],
	knobs: {
		asks: {
			kind: 'integer',
			label: 'Asked again',
			help: 'How often each problem is asked again, with another seed and temperature each time.',
			default: 4,
			min: 1,
			max: 16,
		},
		hottest: {
			kind: 'number',
			label: 'Highest temperature',
			help: 'Temperature of the last time; those before rise evenly from 0, which is greedy.',
			default: 1,
			min: 0,
			max: 2,
			step: 0.05,
		},
		agree,
	},
	needs: [],
	create: ({ asks, hottest, agree: share }) => {
		return async (experience, context) => {
			const { environment } = context.world;
			const first = experience.map(answererOf);
			const open = [...first.entries()].flatMap(([place, rollout]) => {
				const task = experience[place]?.task;
				return rollout && task
					? [{ place, question: questionOf(environment, task, rollout.view) }]
					: [];
			});
			const same = experience.map(() => 0);
			for (let time = 0; time < asks; time++) {
				const answers = await ask(
					open.map(({ question }) => question),
					context,
					{
						temperature: asks === 1 ? hottest : (hottest * time) / (asks - 1),
						purpose: `cross-seed/${time}`,
						role: 'solver',
						onProgress: (done) =>
							reportStep(context, address, time * open.length + done, asks * open.length),
					},
				);
				for (const [i, { place }] of open.entries())
					if (answers[i]?.answer === first[place]?.answer) same[place] = (same[place] ?? 0) + 1;
			}
			return experience.map((one, place) => {
				const [answer, count] = [first[place]?.answer, same[place] ?? 0];
				const good =
					count / asks < share - 1e-9
						? []
						: candidatesOf(one).filter((rollout) => rollout.answer === answer);
				const reason =
					answer === undefined
						? 'no answer is well-formed'
						: `given again ${count} of ${asks} times with other seeds`;
				return narrow(one, good, address, reason, environment);
			});
		};
	},
});
