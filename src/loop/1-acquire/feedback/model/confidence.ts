/**
 * @file Feedback from the model as confidence (survey 4.3.1): an answer scores by how likely the model found it.
 *
 * After INTUITOR (Zhao et al. 2025) and Self-Alignment for Factuality (Zhang et al. 2024). `likelihood` is the geometric mean
 * of a token's probability, which falls with entropy; `calibrated` takes off how likely the answer is anyway, after other
 * problems (Zhao et al. 2021), so that an answer that always fits counts for nothing. Differs: self-certainty wants all
 * logits, which engines do not give. It never sees the truth, and grows if it is trained on, right or wrong.
 */
import { derive, random } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { reportSamples, reportStep } from '#loop/report.ts';
import { experienceOf } from '#loop/rollout/experience.ts';
import { gainsOf, type Answered } from '#loop/rollout/gain.ts';
import { meanLogprob } from '#loop/rollout/rollout.ts';
import type { Context, Feedback, Solution } from '#loop/types.ts';

const address = '1-acquire/feedback/model/confidence';

/** Other problems that tell how likely an answer is anyway. */
const others = 2;

export const confidence = defineCell({
	section: '4.3.1',
	address,
	title: 'Feedback from the model’s confidence',
	step: 'getFeedback',
	about: 'Believes an answer as much as the model was sure of every token of it.',
	papers: [
		'https://arxiv.org/abs/2505.19590',
		'https://arxiv.org/abs/2402.09267',
		'https://arxiv.org/abs/2102.09690',
	],
	knobs: {
		sureBy: {
			kind: 'choice',
			label: 'Sure by',
			help: 'likelihood: the mean probability of its tokens; calibrated: how far that is above what the answer has after other problems, 0.5 for no more.',
			default: 'likelihood',
			options: ['likelihood', 'calibrated'],
		},
	},
	needs: [],
	create: ({ sureBy }) => {
		return async (solutions, context) => {
			context.world.signal.throwIfAborted();
			const score = await (sureBy === 'likelihood' ? likelihoods : calibrated)(solutions, context);
			const experience = solutions.map((solution) =>
				experienceOf(solution, 'confidence', feedbackOf(solution, score), context),
			);
			reportStep(context, address, experience.length, experience.length);
			reportSamples(context, experience);
			return experience;
		};
	},
});

/** Score of an answer in [0, 1]; null if its engine told no log-probabilities. */
type ScoreOf = (rollout: Answered['rollout']) => number | null;

const likelihoods = (): Promise<ScoreOf> =>
	Promise.resolve((rollout) => {
		const mean = meanLogprob(rollout);
		return Number.isNaN(mean) ? null : Math.exp(mean);
	});

async function calibrated(solutions: readonly Solution[], context: Context): Promise<ScoreOf> {
	const { world, t } = context;
	const answered = solutions.flatMap(({ task, rollouts }) =>
		rollouts.flatMap((rollout) => (rollout.answer === null ? [] : [{ task, rollout }])),
	);
	const stream = random(derive(world.seed, 'confidence', t));
	const gains = await gainsOf(answered, others, context, stream);
	const gainOf = new Map(answered.map(({ rollout }, i) => [rollout, gains[i] ?? 0]));
	return (rollout) => {
		const gain = gainOf.get(rollout);
		return gain === undefined ? null : 1 / (1 + Math.exp(-gain));
	};
}

function feedbackOf({ rollouts }: Solution, scoreOf: ScoreOf): Feedback {
	// An answer that cannot be read is worth nothing, and what was made to be wrong counts for nothing.
	const each = rollouts.map((rollout) =>
		rollout.answer === null || rollout.side === 'rejected' ? 0 : scoreOf(rollout),
	);
	const best = Math.max(...each.map((score) => score ?? -1));
	if (best < 0)
		return {
			kind: 'unjudged',
			reason: rollouts.length > 0 ? 'the engine tells no log-probabilities' : 'no answer was given',
		};
	const answer = rollouts[each.indexOf(best)]?.answer ?? null;
	return { kind: 'scored', source: 'model', score: best, answer, each };
}
