/** @file Groups of rollouts: advantages from their rewards, and policy gradients over them as a cell's choice. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { random } from '#base/random.ts';
import type { Reward } from '#environments/score.ts';
import { compose, learns } from '#loop/3-update/compose.ts';
import { advantagedOf, meanReward } from '#loop/3-update/grouping.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { promptTurns, type Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { pack } from '#training/data/pack.ts';
import { rolloutOf } from '../rollout/rollouts.ts';
import { addition, experienceOf, someTask, testWorld, trainingOf } from '../world.ts';

const reward = (value: number | null): Reward =>
	value === null ? { unjudged: 'why' } : { value, weight: 1 };

/** Rollouts of one task with these rewards, whose tokens are known; no filter has kept any. */
function grouped(
	rewards: readonly (number | null)[],
	change: (rollout: Rollout, i: number) => Rollout = (rollout) => rollout,
	split: 'training' | 'held-out' = 'training',
): Experience {
	const task = someTask(9, split);
	const rollouts = rewards.map((value, i) => {
		const said = rolloutOf({ prompt: '1=', completion: `${i}$`, view: {}, answer: String(i) });
		const turns = [
			...promptTurns('1=', [2, 3]),
			...said.turns
				.slice(-1)
				.map((turn) => ({ ...turn, tokens: [4 + i, 1], logprobs: [-i, -0.5] })),
		];
		return change({ ...said, turns, rewards: { verifier: reward(value) } }, i);
	});
	const fate = { kind: 'set-aside', by: 'a-filter', reason: 'not good enough' } as const;
	return { ...experienceOf(task, []), rollouts, fate };
}
const advantages = (experience: Experience, normalise: 'deviation' | 'none' = 'none') =>
	advantagedOf([experience], addition, { normalise }).map((one) =>
		one.kind === 'text' ? [one.completion, one.advantage] : [],
	);

test('a reward is the mean of all that were judged, by weight, and never 0 for none', () => {
	const rewards = {
		right: { value: 1, weight: 3 },
		short: { value: 0, weight: 1 },
		judge: { unjudged: 'silent' },
	};
	expect(meanReward({ rewards })).toBe(0.75);
	expect(meanReward({ rewards: { judge: { unjudged: 'silent' } } })).toBeNull();
	expect(meanReward({ rewards: { idle: { value: 1, weight: 0 } } })).toBeNull();
});

test('right and wrong answers are compared within their task, kept by a filter or not', () => {
	expect(advantages(grouped([1, 0, 0, 1]))).toEqual([
		['0$', 0.5],
		['1$', -0.5],
		['2$', -0.5],
		['3$', 0.5],
	]);
	const [[, scaled] = []] = advantages(grouped([1, 0]), 'deviation');
	expect(scaled).toBeCloseTo(Math.SQRT1_2, 3);
});

test('what was not judged counts in no mean, and what is like its group teaches nothing', () => {
	expect(advantages(grouped([1, null, 0]))).toEqual([
		['0$', 0.5],
		['2$', -0.5],
	]);
	expect(advantages(grouped([1, 1]))).toEqual([]);
	const apart = (rollout: Rollout, i: number) => ({ ...rollout, group: `${i % 2}` });
	expect(advantages(grouped([1, 0, 1, 0], apart))).toEqual([]);
});

test('leaves out held-out items, and what was led by a hint or a critique', () => {
	expect(advantages(grouped([1, 0], undefined, 'held-out'))).toEqual([]);
	const hinted = (one: Rollout, i: number) => (i === 0 ? { ...one, rationalized: true } : one);
	expect(advantages(grouped([1, 0, 0], hinted))).toEqual([]);
	const led = (one: Rollout, i: number) => (i === 0 ? { ...one, critique: 'Shorter.' } : one);
	expect(advantages(grouped([1, 0, 0], led))).toEqual([]);
});

test('leaves out answers without tokens, and says so if there are no others', () => {
	const silent = (one: Rollout) => ({
		...one,
		turns: one.turns.map(({ tokens: _, logprobs: __, ...turn }) => turn),
	});
	const half = grouped([1, 0], (one, i) => (i === 0 ? silent(one) : one));
	expect(advantages(half)).toEqual([['1$', -0.5]]);
	expect(() => advantages(grouped([1, 0], silent))).toThrow('need the tokens of the answers');
	expect(advantages(grouped([1, 1], silent))).toEqual([]);
});

test('the architecture cell makes policy gradients over them the plan’s objective', async () => {
	const { world, context } = testWorld();
	const knobs = {
		...defaultsOf(architecture.knobs),
		...({ objective: 'policy-gradient', normalise: 'none' } as const),
		...{ clipLow: 0.1, clipHigh: 0.3, batch: 8 },
	};
	const amend = (refined: readonly Experience[]) =>
		trainingOf(architecture.create(knobs)(startPlan(refined, addition), refined, context()));
	const plan = await amend([grouped([1, 0])]);
	expect(plan.objective).toEqual({
		...{ name: 'policy-gradient', ratio: 'clip', average: 'tokens' },
		...{ clipLow: 0.1, clipHigh: 0.3 },
	});
	const { samples } = pack(compose(plan, world, random(1)), { padToken: 0 });
	expect(samples).toHaveLength(8);
	for (const { tokens, logprobs, advantage } of samples) {
		const i = advantage === 0.5 ? 0 : 1;
		expect({ tokens, logprobs, advantage }).toEqual({
			...{ tokens: [2, 3, 4 + i, 1], logprobs: [0, 0, -i, -0.5] },
			advantage: 0.5 - i,
		});
	}
	expect(learns(await amend([grouped([0, 0])]))).toBe(false);
});
