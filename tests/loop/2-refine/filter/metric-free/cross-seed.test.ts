/** @file Agreement of seeds: only what is answered alike with other seeds and temperatures is learnt. */
import { expect, test } from 'vitest';
import { crossSeed } from '#loop/2-refine/filter/metric-free/cross-seed.ts';
import { scripted } from '#engines/scripted.ts';
import type { Experience } from '#loop/types.ts';
import {
	addition,
	experienceOf,
	readPrompt,
	solve,
	solveWrongly,
	taskOf,
	testWorld,
} from '../../../world.ts';

const judged = (a: string, b: string, answers: readonly string[]): Experience =>
	experienceOf(taskOf(addition, a, b), answers, {
		feedback: {
			kind: 'scored',
			source: 'model',
			score: 1,
			answer: answers[0] ?? null,
			each: answers.map(() => 1),
		},
	});
const knobs = { asks: 4, hottest: 1.2, agree: 0.75 };
/** Is sure of 12 + 34, wavers at 20 + 31 above temperature 0.5, and is surely wrong about 44 + 11. */
const engine = () =>
	scripted({
		script: (prompt, { options: { temperature = 0 } }) => {
			const { a } = readPrompt(prompt);
			if (a === '44') return solve(addition, prompt, '99');
			return a === '20' && temperature > 0.5
				? solveWrongly(addition, prompt)
				: solve(addition, prompt);
		},
	});

test('keeps what stays the same from greedy up to the highest temperature, right or wrong', async () => {
	const at = testWorld({ engine: engine() });
	const experience = [
		judged('12', '34', ['46', '47', '46']),
		judged('20', '31', ['51']),
		judged('44', '11', ['99']),
	];
	const refined = await crossSeed.create(knobs)(experience, at.context());
	expect(refined.map(({ fate }) => (fate.kind === 'kept' ? fate.examples.length : fate))).toEqual([
		2,
		{
			kind: 'set-aside',
			by: '2-refine/filter/metric-free/cross-seed',
			reason: 'given again 2 of 4 times with other seeds',
		},
		1,
	]);
	const calls = at.engine.calls.flatMap((call) => (call.kind === 'generate' ? [call.options] : []));
	expect(calls.map(({ temperature }) => Number(temperature?.toFixed(1)))).toEqual([
		0, 0.4, 0.8, 1.2,
	]);
	expect(new Set(calls.map(({ seed }) => seed)).size).toBe(4);
});

test('a single time is asked at the highest temperature, and the same seed does the same again', async () => {
	const experience = [judged('20', '31', ['51'])];
	const at = () => testWorld({ engine: engine() });
	const cell = crossSeed.create({ ...knobs, asks: 1 });
	const refined = await cell(experience, at().context());
	expect(refined[0]?.fate).toMatchObject({ reason: 'given again 0 of 1 times with other seeds' });
	expect(await cell(experience, at().context())).toEqual(refined);
});
