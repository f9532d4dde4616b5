/** @file Feedback from the model: the share of answers that agree, whatever is true. */
import { expect, test } from 'vitest';
import { model } from '#loop/1-acquire/feedback/model.ts';
import { altered } from '../../../environments/altered.ts';
import { addition, experienceOf, taskOf, testWorld } from '../../world.ts';

const cell = model.create({});
const task = taskOf(addition, '12', '34');
const solutionOf = (answers: readonly (string | null)[]) => {
	const { rollouts } = experienceOf(task, answers);
	return { task, rollouts };
};
const feedbackOf = async (answers: readonly (string | null)[]) => {
	const [experience] = await cell([solutionOf(answers)], testWorld().context());
	return experience?.feedback;
};

test('believes the most common answer by its share, true or not', async () => {
	expect(await feedbackOf(['47', '47', '46', '47', null])).toEqual({
		kind: 'scored',
		source: 'model',
		score: 0.6,
		answer: '47',
		each: [1, 1, 0, 1, 0],
	});
});

test('scores 0 where no answer is well-formed: that is judged, and bad', async () => {
	expect(await feedbackOf([null, null])).toMatchObject({ score: 0, answer: null, each: [0, 0] });
});

test('what was never answered is unjudged', async () => {
	expect(await feedbackOf([])).toMatchObject({ kind: 'unjudged' });
});

test('an answer that the environment fails to read has no vote', async () => {
	const solution = solutionOf(['46', '46', '46']);
	const broken = altered(addition, {
		answers: {
			read: (item, view, completion) => {
				if (view['offset'] === 1) throw new Error('out of order');
				return addition.answers.read(item, view, completion);
			},
		},
	});
	const context = testWorld({ environment: broken }).context();
	const [partly] = await cell([solution], context);
	expect(partly?.feedback).toMatchObject({ score: 1, each: [1, null, 1] });
	const [only] = await cell([{ task, rollouts: solution.rollouts.slice(1, 2) }], context);
	expect(only?.feedback.kind).toBe('unjudged');
});

test('an experience is fresh, signed with round and policy, and shown in samples', async () => {
	const at = testWorld();
	const solutions = Array.from({ length: 40 }, () => solutionOf(['46']));
	const [first] = await cell(solutions, at.context({ t: 3 }));
	expect(first).toMatchObject({ id: '3/12+34', t: 3, fate: { kind: 'fresh' } });
	expect(first?.policy).toBe(at.context().policy.id);
	const samples = at.reports.filter((report) => report.kind === 'sample');
	expect(samples.length).toBeGreaterThan(5);
	expect(samples.length).toBeLessThanOrEqual(12);
});
