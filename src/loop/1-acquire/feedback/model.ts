/**
 * @file Feedback from the model (survey 4.3.1): how far its own answers to a problem agree.
 *
 * Follows self-consistency (Wang et al. 2022) and LMSI (Huang et al. 2022): confidence is the share of
 * the most common answer. Differs: no judge is asked. It never sees the truth, so it can be wrong together.
 */
import { readAnswer } from '#environments/answers.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import { mostCommon } from '#loop/rollout/agreement.ts';
import { defineCell } from '#loop/cell.ts';
import { judgeEach } from '#loop/rollout/experience.ts';
import { completionOf } from '#loop/rollout/rollout.ts';
import type { Feedback, Solution } from '#loop/types.ts';

const address = '1-acquire/feedback/model';

export const model = defineCell({
	section: '4.3.1',
	address,
	title: 'Feedback from the model',
	step: 'getFeedback',
	about:
		'Believes an answer as much as the model agrees with itself on it; nobody tells it the truth.',
	papers: ['https://arxiv.org/abs/2203.11171', 'https://arxiv.org/abs/2210.11610'],
	knobs: {},
	needs: [],
	create: () => judgeEach(address, 'agreement', agreement),
});

function agreement({ task, rollouts }: Solution, environment: EnvironmentFor<never>): Feedback {
	// Malformed is an answer that agrees with none; unreadable through our own fault is no answer at all.
	const readable = rollouts.map((rollout) => {
		try {
			readAnswer(environment, task.item, rollout.view, completionOf(rollout));
			return true;
		} catch {
			return false;
		}
	});
	// What was made to be wrong has no vote.
	const judged = rollouts.filter(({ side }, i) => readable[i] && side !== 'rejected');
	if (judged.length === 0)
		return {
			kind: 'unjudged',
			reason: rollouts[0]?.malformed ?? 'no answer was given',
		};
	const { answer, count } = mostCommon(judged.map((rollout) => rollout.answer));
	return {
		kind: 'scored',
		source: 'model',
		score: count / judged.length,
		answer,
		each: rollouts.map((rollout, i) =>
			readable[i] ? Number(answer !== null && rollout.answer === answer) : null,
		),
	};
}
