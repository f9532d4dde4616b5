/** @file The length filter: what is far from the median of its difficulty goes, rollout by rollout. */
import { expect, test } from 'vitest';
import { lengthFilter } from '#loop/2-refine/filter/metric-based/length.ts';
import type { Experience } from '#loop/types.ts';
import { addition, experienceOf, keptExperience, taskOf, testWorld } from '../../../world.ts';

const judged = (a: string, b: string, answers: readonly (string | null)[]): Experience =>
	experienceOf(taskOf(addition, a, b), answers, {
		feedback: {
			kind: 'scored',
			source: 'model',
			score: 1,
			answer: answers[0] ?? null,
			each: answers.map(() => 1),
		},
	});
const refine = (experience: readonly Experience[], shortest = 0.5, longest = 2) =>
	lengthFilter.create({ shortest, longest })(experience, testWorld().context());
const learnt = ({ fate }: Experience) => (fate.kind === 'kept' ? fate.examples.length : fate);

test('sets aside what is far shorter or longer than others of its difficulty, and counts no other difficulty', async () => {
	const refined = await refine([
		judged('1234', '5678', ['6912', '6913']),
		judged('1111', '2222', ['3', '3333']),
		judged('4321', '1111', ['543254325432']),
		judged('1', '2', ['3']),
	]);
	expect(refined.map(learnt)).toEqual([
		2,
		1,
		{
			kind: 'set-aside',
			by: '2-refine/filter/metric-based/length',
			reason: 'no answer is 2 to 8 characters long',
		},
		1,
	]);
});

test('0 sets no limit on either side', async () => {
	const experience = [judged('1234', '5678', ['6912', '6', '691269126912'])];
	expect((await refine(experience, 0, 0)).map(learnt)).toEqual([3]);
	expect((await refine(experience, 0.5, 0)).map(learnt)).toEqual([2]);
});

test('what was kept stays kept as it was, unless its answer is out of bounds; unjudged ones are never kept', async () => {
	const kept = keptExperience(taskOf(addition, '1234', '5678'));
	const others = ['1111', '2222', '3333'].map((a) => judged(a, '1111', ['12345678901234']));
	expect((await refine([kept]))[0]).toEqual(kept);
	expect((await refine([kept, ...others]))[0]?.fate.kind).toBe('set-aside');
	const unjudged = experienceOf(taskOf(addition, '1', '2'), ['3']);
	expect((await refine([unjudged]))[0]?.fate).toMatchObject({
		reason: 'unjudged: not asked yet',
	});
});
