/**
 * @file Feedback from the environment (survey 4.3.2): the verifier says of each answer whether it is right.
 *
 * Follows ReST-EM (Singh et al. 2023): a binary reward. A fault of the verifier leaves an answer
 * unjudged; it is never counted as wrong.
 */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Verdict } from '#environments/score.ts';
import { verdictOf } from '#loop/rollout/ask.ts';
import { defineCell } from '#loop/cell.ts';
import { judgeEach } from '#loop/rollout/experience.ts';
import type { Feedback, Solution } from '#loop/types.ts';

const address = '1-acquire/feedback/environment';

export const environment = defineCell({
	section: '4.3.2',
	address,
	title: 'Feedback from the environment',
	step: 'getFeedback',
	about: 'Asks the environment, which knows the truth, whether each answer is right.',
	papers: ['https://arxiv.org/abs/2312.06585', 'https://arxiv.org/abs/2203.14465'],
	knobs: {},
	needs: ['score'],
	create: () => judgeEach(address, 'verifier', judge),
});

async function judge(
	{ task, rollouts }: Solution,
	world: EnvironmentFor<'score'>,
	signal: AbortSignal,
): Promise<Feedback> {
	const verdicts: Verdict[] = [];
	for (const rollout of rollouts) verdicts.push(await verdictOf(world, task, rollout, signal));
	const each = verdicts.map(scoreOf);
	const best = each.indexOf(1);
	const first = best >= 0 ? best : each.indexOf(0);
	if (first < 0) {
		const fault = verdicts.find((verdict) => verdict.kind === 'unjudged');
		return { kind: 'unjudged', reason: fault?.reason ?? 'no answer was given' };
	}
	return {
		kind: 'scored',
		source: 'environment',
		score: best >= 0 ? 1 : 0,
		answer: rollouts[first]?.answer ?? null,
		each,
	};
}

/** 1 or 0; null where the verifier has nothing to say. */
export function scoreOf(verdict: Verdict): number | null {
	switch (verdict.kind) {
		case 'correct':
			return 1;
		case 'wrong':
		case 'malformed':
			return 0;
		case 'unjudged':
			return null;
		default:
			return verdict satisfies never;
	}
}
