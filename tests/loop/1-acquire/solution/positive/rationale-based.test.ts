/** @file Rationale-based solutions: views, samples, and giving up early. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { promptOf } from '#loop/rollout/rollout.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { addition, readPrompt, solve, solveWrongly, taskOf, testWorld } from '../../../world.ts';

const knobs = { views: 5, samples: 1, temperature: 0, early: false, agree: 0.8 };
const sum = taskOf(addition, '123456789', '987654321');
const hard = taskOf(addition, '555555555', '666666666');

test('answers each problem once in each of its views, the plain one first', async () => {
	const [solution] = await rationaleBased.create(knobs)([sum], testWorld().context());
	expect(solution?.task).toBe(sum);
	expect(solution?.rollouts).toHaveLength(5);
	expect(new Set(solution?.rollouts.map((rollout) => promptOf(rollout))).size).toBe(5);
	expect(solution?.rollouts[0]?.view['swapped']).toBe(false);
	for (const rollout of solution?.rollouts ?? []) expect(rollout.answer).toBe('1111111110');
});

test('samples differently in each view and round, at the temperature asked for', async () => {
	const at = testWorld();
	const cell = rationaleBased.create({ ...knobs, views: 2, samples: 3, temperature: 0.7 });
	const [solution] = await cell([sum], at.context());
	expect(solution?.rollouts).toHaveLength(6);
	await cell([sum], at.context({ t: 2 }));
	const calls = at.engine.calls.filter((call) => call.kind === 'generate');
	expect(calls).toHaveLength(4);
	expect(new Set(calls.map((call) => call.options.seed)).size).toBe(4);
	expect(calls.every((call) => call.options.temperature === 0.7)).toBe(true);
	expect(calls.every((call) => new Set(call.prompts).size === 1)).toBe(true);
});

test('gives up early on what can no longer agree, and on nothing else', async () => {
	// `hard` gets another wrong answer in every view; `sum` is wrong once, which 4 of 5 can bear.
	let wrongOnce = true;
	const script = (prompt: string) => {
		if (readPrompt(prompt).a.startsWith('5') || readPrompt(prompt).a.startsWith('6'))
			return solveWrongly(addition, prompt);
		if (!wrongOnce) return solve(addition, prompt);
		wrongOnce = false;
		return solve(addition, prompt, '1');
	};
	const at = testWorld({ engine: scripted({ script }) });
	const cell = rationaleBased.create({ ...knobs, early: true });
	const [good, bad] = await cell([sum, hard], at.context());
	expect(good?.rollouts).toHaveLength(5);
	// Three different answers: two more cannot make four alike.
	expect(bad?.rollouts).toHaveLength(3);
	expect(at.reports.at(-1)).toMatchObject({ kind: 'step', done: 10, total: 10 });
});

test('asking for every view anyway gives the same first answers', async () => {
	const script = (prompt: string) => solveWrongly(addition, prompt);
	const early = rationaleBased.create({ ...knobs, early: true });
	const all = rationaleBased.create(knobs);
	const [short] = await early([hard], testWorld({ script }).context());
	const [long] = await all([hard], testWorld({ script }).context());
	expect(long?.rollouts.slice(0, short?.rollouts.length)).toEqual(short?.rollouts);
});

test('no problem, no question', async () => {
	expect(await rationaleBased.create(knobs)([], testWorld().context())).toEqual([]);
});
