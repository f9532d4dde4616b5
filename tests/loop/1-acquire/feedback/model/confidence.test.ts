/** @file Confidence: the score of an answer is how likely it was, or how much likelier than after other problems. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { confidence } from '#loop/1-acquire/feedback/model/confidence.ts';
import { promptOf, type Rollout } from '#loop/rollout/rollout.ts';
import { addition, experienceOf, taskOf, testWorld } from '../../../world.ts';

const sums = ['12', '23', '45'].map((a) => taskOf(addition, a, '34'));
const said = (rollouts: readonly Rollout[], logprobs: readonly (readonly number[])[]) =>
	rollouts.map((rollout, i) => ({
		...rollout,
		turns: rollout.turns.map((turn) =>
			turn.sampled ? { ...turn, logprobs: logprobs[i] ?? [] } : turn,
		),
	}));
const [first = taskOf(addition, '1', '1')] = sums;

test('an answer scores the geometric mean of its tokens; what cannot be read scores 0, unknown is no score', async () => {
	expect(confidence.needs).toEqual([]);
	const { rollouts } = experienceOf(first, ['46', '47', null, '46']);
	const solution = {
		task: first,
		rollouts: said(rollouts, [[Math.log(0.5), Math.log(0.5)], [Math.log(0.9)], [0], []]),
	};
	const cell = confidence.create({ sureBy: 'likelihood' });
	const [experience] = await cell([solution], testWorld().context());
	const feedback = experience?.feedback;
	if (feedback?.kind !== 'scored') throw new Error('not scored');
	// The likeliest answer is believed, true or not.
	expect(feedback).toMatchObject({ source: 'model', answer: '47' });
	expect(feedback.each[0]).toBeCloseTo(0.5, 5);
	expect(feedback.each[1]).toBeCloseTo(0.9, 5);
	expect(feedback.each.slice(2)).toEqual([0, null]);
	expect(experience?.rollouts[1]?.rewards['confidence']).toMatchObject({ weight: 1 });
	const silent = await cell(
		[{ task: first, rollouts: said(experienceOf(first, ['46']).rollouts, [[]]) }],
		testWorld().context(),
	);
	expect(silent[0]?.feedback.kind).toBe('unjudged');
});

test('calibrated, an answer that is as likely after any problem scores one half, and one that only fits here more', async () => {
	const engine = Object.assign(scripted({ script: () => '' }), {
		score: (pairs: readonly { readonly prompt: unknown; readonly completion: string }[]) =>
			Promise.resolve(
				pairs.map(({ prompt, completion }) => {
					const isOwn = owners.get(completion) === prompt;
					return Float32Array.of(isOwn && completion !== anywhere ? -1 : -3);
				}),
			),
	});
	const solutions = sums.map((task, i) => ({
		task,
		rollouts: experienceOf(task, [String(50 + i)]).rollouts,
	}));
	const owners = new Map(
		solutions.flatMap(({ rollouts }) =>
			rollouts.map((rollout) => [rollout.turns.at(-1)?.content ?? '', promptOf(rollout)]),
		),
	);
	const anywhere = solutions[0]?.rollouts[0]?.turns.at(-1)?.content;
	const made = await confidence.create({ sureBy: 'calibrated' })(
		solutions,
		testWorld({ engine }).context(),
	);
	const scores = made.map(({ feedback }) => (feedback.kind === 'scored' ? feedback.score : -1));
	expect(scores[0]).toBeCloseTo(0.5, 5);
	expect(scores[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 5);
	expect(scores[2]).toBeCloseTo(1 / (1 + Math.exp(-2)), 5);
});
