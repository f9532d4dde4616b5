/**
 * @file pass@k (survey 7.1): how likely one of k sampled answers is right. The unbiased estimate of Chen et al. 2021
 * (2107.03374) out of n answers of which c are right, 1 − C(n−c, k) / C(n, k), and its mean over problems. It tells whether a
 * training brings answers that were out of reach, or only makes likelier what was within it.
 */
import { ask, verdictOf, type Question } from '#loop/rollout/ask.ts';
import type { Context, PassShares } from '#loop/types.ts';

/** Share of problems that k answers solve, out of `n` of which `c` are right; k is at most n. */
export function passAtK(n: number, c: number, k: number): number {
	if (n - c < k) return 1;
	// C(n−c, k) / C(n, k) as a product, which does not overflow.
	let missed = 1;
	for (let i = n - c + 1; i <= n; i++) missed *= 1 - k / i;
	return 1 - missed;
}

/** For k of 1, 2, 4 … up to `tries`, over the questions of which every answer could be judged; null if there are none. */
export async function passShares(
	questions: readonly Question[],
	tries: number,
	context: Context<'score'>,
): Promise<PassShares | null> {
	const { world } = context;
	const repeated = questions.flatMap((question) => Array.from({ length: tries }, () => question));
	const rollouts = await ask(repeated, context, {
		temperature: 1,
		purpose: 'examination/samples',
	});
	const right: number[] = [];
	for (const [i, { task }] of questions.entries()) {
		const own = rollouts.slice(i * tries, (i + 1) * tries);
		const verdicts = [];
		for (const rollout of own)
			verdicts.push(await verdictOf(world.environment, task, rollout, world.signal));
		if (verdicts.some(({ kind }) => kind === 'unjudged')) continue;
		right.push(verdicts.filter(({ kind }) => kind === 'correct').length);
	}
	if (right.length === 0) return null;
	const ks = Array.from({ length: Math.floor(Math.log2(tries)) + 1 }, (_, i) => 2 ** i);
	const shareAt = (k: number): number =>
		right.reduce((sum, c) => sum + passAtK(tries, c, k), 0) / right.length;
	return {
		tries,
		n: right.length,
		at: Object.fromEntries(ks.map((k) => [String(k), shareAt(k)])),
	};
}
