/**
 * @file Filtering, metric-based (survey 5.1.1): keep the answers whose score clears a threshold.
 *
 * Follows ReST-EM (Singh et al. 2023): at most `cap` answers of one problem, so that easy problems do not
 * crowd out hard ones. Each distinct answer counts once, as in RFT (Yuan et al. 2023). The threshold may rise from round
 * to round, as in ReST (Gulcehre et al. 2023), which raises it between several trainings on the answers of one round.
 */
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { surprise } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { keep, setAside, textExamples } from '../fate.ts';
import { compare, preferences, surplusOf, type Chosen } from '../preference.ts';

const address = '2-refine/filter/metric-based';

export const metricBased = defineCell({
	section: '5.1.1',
	address,
	title: 'Metric-based filter',
	step: 'refine',
	about: 'Keeps an answer when the score it was given is high enough.',
	papers: [
		'https://arxiv.org/abs/2312.06585',
		'https://arxiv.org/abs/2308.01825',
		'https://arxiv.org/abs/2308.08998',
	],
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
		rise: {
			kind: 'number',
			label: 'Rises by',
			help: 'How much the lowest score rises with each round, up to 1; it tells graded scores apart, not right from wrong.',
			default: 0,
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
		prefer: {
			kind: 'choice',
			label: 'Of equals',
			help: 'first: in the order they came; likely: those that the model itself finds likeliest, which read best; varied: those that repeat themselves least, of these the likeliest; brief: those in the fewest turns, of these the likeliest.',
			default: 'first',
			options: preferences,
		},
		maxSurprise: {
			kind: 'number',
			label: 'Surprise at most',
			help: 'Answers with a word less likely than this, in nats and after the first two tokens, are set aside: a forced word reads wrong. 0 is off.',
			default: 0,
			min: 0,
			max: 40,
			step: 0.5,
		},
		capKind: {
			kind: 'integer',
			label: 'At most a kind',
			help: 'How many problems of one kind may be kept in a round, the preferred ones; 0 is no limit.',
			default: 0,
			min: 0,
			max: 1000,
		},
	},
	needs: [],
	create: ({ minScore, rise, cap, prefer, maxSurprise, capKind }) => {
		return (experience, context) => {
			const { world, t } = context;
			world.signal.throwIfAborted();
			const chosen: Chosen[] = [];
			// Steps of 0.1 add up to a hair more than what they stand for.
			const lowest = Math.max(minScore, Math.min(1, minScore + rise * (t - 1) - 1e-9));
			const refined = experience.map((one) => {
				const { task, rollouts, feedback, fate } = one;
				if (fate.kind === 'set-aside') return one;
				if (feedback.kind === 'unjudged')
					return setAside(one, address, `unjudged: ${feedback.reason}`);
				// The best first: `cap` may leave only that.
				const good = rollouts
					.map((rollout, i) => ({ rollout, score: feedback.each[i] ?? null }))
					.filter(
						({ rollout, score }) =>
							rollout.answer !== null && rollout.side !== 'rejected' && (score ?? -1) >= lowest,
					)
					.sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || compare(prefer, a.rollout, b.rollout));
				if (good.length === 0)
					return setAside(one, address, `no answer scores ${Number(lowest.toFixed(2))} or more`);
				const plain = good.filter(
					({ rollout }) => maxSurprise === 0 || surprise(rollout, world.tokenizer) <= maxSurprise,
				);
				if (plain.length === 0)
					return setAside(one, address, 'every answer that scores enough has a forced word');
				const right = plain.map(({ rollout }) => rollout);
				const kept = keep(one, textExamples(task, right, world.environment, cap));
				const [best] = plain;
				if (best) chosen.push({ experience: kept, best: best.rollout });
				return kept;
			});
			reportStep(context, address, refined.length, refined.length);
			const surplus =
				capKind > 0 ? surplusOf(chosen, capKind, prefer, world.environment) : new Set<Experience>();
			const why = `others of its kind are preferred, ${capKind} at most`;
			return Promise.resolve(
				refined.map((one) => (surplus.has(one) ? setAside(one, address, why) : one)),
			);
		};
	},
});
