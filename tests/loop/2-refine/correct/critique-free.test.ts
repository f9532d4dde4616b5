/** @file Rationalization: wrong ones are tried again with the answer given away, and trained on without it. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { critiqueFree } from '#loop/2-refine/correct/critique-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { experienceOf, scratchpad, solve, taskOf, testWorld } from '../../world.ts';

const wrong = taskOf(scratchpad, '12', '34');
const right = taskOf(scratchpad, '5', '6');
const beyond = taskOf(scratchpad, '70', '80');

/** A model that knows the way once it is told where it leads, except for sums of 70. */
const engine = () =>
	scripted({
		script: (prompt) =>
			prompt.includes('~') && !prompt.includes('a0b7')
				? solve(scratchpad, prompt)
				: solve(scratchpad, prompt, '99'),
	});

async function judged() {
	const at = testWorld({ environment: scratchpad, engine: engine() });
	const solutions = [
		{ task: wrong, rollouts: experienceOf(wrong, ['45'], {}, scratchpad).rollouts },
		{ task: right, rollouts: experienceOf(right, ['11'], {}, scratchpad).rollouts },
		{ task: beyond, rollouts: experienceOf(beyond, ['15'], {}, scratchpad).rollouts },
	];
	return { at, experience: await environment.create({})(solutions, at.context()) };
}

test('tries only the wrong ones again, and takes what then reaches the right answer', async () => {
	const { at, experience } = await judged();
	const refined = await critiqueFree.create({ rationalize: true })(experience, at.context());
	const prompts = at.engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));
	expect(prompts).toHaveLength(2);
	expect(prompts.every((prompt) => prompt.includes('~'))).toBe(true);
	expect(refined[0]).toMatchObject({
		rollouts: [{ answer: '45' }, { answer: '46', rationalized: true }],
		feedback: { score: 1, answer: '46', each: [0, 1] },
	});
	expect(refined[1]).toBe(experience[1]);
	expect(refined[2]).toBe(experience[2]);
});

test('what is trained on has no hint in its prompt', async () => {
	const { at, experience } = await judged();
	const corrected = await critiqueFree.create({ rationalize: true })(experience, at.context());
	const refined = await metricBased.create({
		...defaultsOf(metricBased.knobs),
		minScore: 1,
		cap: 1,
	})(corrected, at.context());
	expect(refined.map((one) => one.fate.kind)).toEqual(['kept', 'kept', 'set-aside']);
	const [first] = refined;
	const view = { offset: 0, swapped: false };
	expect(first?.fate).toEqual({
		kind: 'kept',
		examples: [
			{
				kind: 'text',
				difficulty: 2,
				prompt: scratchpad.open(wrong.item, view).first(),
				completion: scratchpad.answers.write(wrong.item, view, '46'),
			},
		],
	});
});

test('does nothing when turned off, or where a format has no room for a hint', async () => {
	const { at, experience } = await judged();
	expect(await critiqueFree.create({ rationalize: false })(experience, at.context())).toBe(
		experience,
	);
	const plain = testWorld();
	expect(await critiqueFree.create({ rationalize: true })(experience, plain.context())).toBe(
		experience,
	);
	expect([...at.engine.calls, ...plain.engine.calls]).toEqual([]);
});

test('unjudged is not wrong: it is not tried again', async () => {
	const { at, experience } = await judged();
	const unjudged = experience.map((one) => ({
		...one,
		feedback: { kind: 'unjudged', reason: 'no verdict' } as const,
	}));
	expect(await critiqueFree.create({ rationalize: true })(unjudged, at.context())).toEqual(
		unjudged,
	);
	expect(at.engine.calls).toEqual([]);
});
