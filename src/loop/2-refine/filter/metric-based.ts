/**
 * @file Filtering, metric-based (survey 5.1.1): keep the answers whose score clears a threshold.
 *
 * Follows ReST-EM (Singh et al. 2023): at most `cap` answers of one problem, so that easy problems do not
 * crowd out hard ones. Each distinct answer counts once, as in RFT (Yuan et al. 2023).
 */
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { distinct, keep, setAside, textExample } from '../fate.ts';

const address = '2-refine/filter/metric-based';

export const metricBased = defineCell({
	section: '5.1.1',
	address,
	title: 'Metric-based filter',
	step: 'refine',
	about: 'Keeps an answer when the score it was given is high enough.',
	papers: ['https://arxiv.org/abs/2312.06585', 'https://arxiv.org/abs/2308.01825'],
	knobs: {
		minScore: {
			kind: 'number',
			label: 'Lowest score',
			help: 'Lowest score of an answer that is kept; 0 keeps every answer that was judged.',
			default: 1,
			min: 0,
			max: 1,
			step: 0.05,
		},
		cap: {
			kind: 'integer',
			label: 'At most',
			help: 'How many distinct answers to one problem may be kept.',
			default: 10,
			min: 1,
			max: 64,
		},
	},
	needs: [],
	create: ({ minScore, cap }) => {
		return (experience, context) => {
			const { world } = context;
			world.signal.throwIfAborted();
			const refined = experience.map((one) => {
				const { task, rollouts, feedback, fate } = one;
				if (fate.kind === 'set-aside') return one;
				if (feedback.kind === 'unjudged')
					return setAside(one, address, `unjudged: ${feedback.reason}`);
				// The best first: `cap` may leave only that.
				const good = rollouts
					.map((rollout, i) => ({ rollout, score: feedback.each[i] ?? null }))
					.filter(({ rollout, score }) => rollout.answer !== null && (score ?? -1) >= minScore)
					.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
				if (good.length === 0)
					return setAside(one, address, `no answer scores ${minScore} or more`);
				const examples = distinct(
					good.map(({ rollout }) => textExample(task, rollout, world.environment)),
				);
				return keep(one, examples.slice(0, cap));
			});
			reportStep(context, address, refined.length, refined.length);
			return Promise.resolve(refined);
		};
	},
});
