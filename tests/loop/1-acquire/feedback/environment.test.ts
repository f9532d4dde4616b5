/** @file Feedback from the environment: the verifier's word on each answer. */
import { expect, test } from 'vitest';
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { altered } from '../../../environments/altered.ts';
import { addition, experienceOf, taskOf, testWorld } from '../../world.ts';

const cell = environment.create({});
const task = taskOf(addition, '12', '34');
const solutionOf = (answers: readonly (string | null)[]) => ({
	task,
	rollouts: experienceOf(task, answers).rollouts,
});

test('scores each rollout 1 or 0, and the experience by its best', async () => {
	const context = testWorld().context();
	const [mixed, wrong] = await cell(
		[solutionOf(['45', '46', null]), solutionOf(['45', null])],
		context,
	);
	expect(mixed?.feedback).toEqual({
		kind: 'scored',
		source: 'environment',
		score: 1,
		answer: '46',
		each: [0, 1, 0],
	});
	expect(wrong?.feedback).toMatchObject({ score: 0, answer: '45', each: [0, 0] });
});

test('a fault of the verifier is unjudged, never 0', async () => {
	const broken = altered(addition, {
		reference: {
			solve: () => {
				throw new Error('out of order');
			},
		},
	});
	const [experience] = await cell(
		[solutionOf(['46', '45'])],
		testWorld({ environment: broken }).context(),
	);
	expect(experience?.feedback).toEqual({ kind: 'unjudged', reason: 'out of order' });
});

test('one rollout that cannot be judged is null among the others', async () => {
	const broken = altered(addition, {
		answers: {
			read: (item, view, completion) => {
				if (view['offset'] === 0) throw new Error('out of order');
				return addition.answers.read(item, view, completion);
			},
		},
	});
	const context = testWorld({ environment: broken }).context();
	const [experience] = await cell([solutionOf(['46', '45', '46'])], context);
	expect(experience?.feedback).toMatchObject({ score: 1, each: [null, 0, 1] });
});

test('what was never answered is unjudged', async () => {
	const [experience] = await cell([solutionOf([])], testWorld().context());
	expect(experience?.feedback.kind).toBe('unjudged');
});
