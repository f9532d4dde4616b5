/** @file Asking the policy: order, lengths, end marks, stops. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { ask } from '#loop/rollout/ask.ts';
import { completionOf, meanLogprob } from '#loop/rollout/rollout.ts';
import { altered } from '../../environments/altered.ts';
import { addition, solve, taskOf, testWorld } from '../world.ts';

const view = { offset: 0, swapped: false };
const questionOf = (a: string, b: string) => {
	const task = taskOf(addition, a, b);
	return { task, view, prompt: addition.open(task.item, view).first() };
};
const options = { temperature: 0, purpose: 'test' };

test('answers come in the order of the questions, though each difficulty is a batch of its own', async () => {
	const at = testWorld();
	const questions = [questionOf('12', '34'), questionOf('5', '6'), questionOf('70', '8')];
	const done: number[] = [];
	const rollouts = await ask(questions, at.context(), {
		...options,
		onProgress: (n) => done.push(n),
	});
	expect(rollouts.map((rollout) => rollout.answer)).toEqual(['46', '11', '78']);
	const calls = at.engine.calls.filter((call) => call.kind === 'generate');
	expect(calls.map((call) => call.prompts.length)).toEqual([2, 1]);
	expect(calls.map((call) => call.options.maxTokens)).toEqual([
		addition.maxTokens(2).answer,
		addition.maxTokens(1).answer,
	]);
	expect(done.at(-1)).toBe(3);
});

test('an answer that stopped gets the end mark back, one that ran out of length does not', async () => {
	const stopped = testWorld({ script: (prompt) => solve(addition, prompt).replace('$', '') });
	const [whole] = await ask([questionOf('12', '34')], stopped.context(), options);
	expect(whole).toMatchObject({ stopReason: 'stop', answer: '46' });
	expect(whole && completionOf(whole)).toBe('a6b4$');

	const endless = testWorld({ script: () => 'a1'.repeat(50) });
	const [cut] = await ask([questionOf('12', '34')], endless.context(), options);
	expect(cut).toMatchObject({ stopReason: 'length', answer: null, malformed: 'no end mark' });
});

test('tells the mean log-probability, and NaN where the engine knows none', async () => {
	const telling = testWorld({
		engine: scripted({
			script: ['a6b4$'],
			score: (_prompt, completion) => Array.from(completion, (_, i) => -i),
		}),
	});
	const [rollout] = await ask([questionOf('12', '34')], telling.context(), options);
	expect(rollout && meanLogprob(rollout)).toBe(-2);
	const [silent] = await ask([questionOf('12', '34')], testWorld().context(), options);
	expect(silent && meanLogprob(silent)).toBeNaN();
});

test('a stop in the middle is a stop, never a wrong answer', async () => {
	const controller = new AbortController();
	const at = testWorld({
		signal: controller.signal,
		script: (prompt) => {
			controller.abort(new Error('enough'));
			return solve(addition, prompt);
		},
	});
	const asked = ask([questionOf('12', '34'), questionOf('56', '78')], at.context(), options);
	await expect(asked).rejects.toThrow('enough');
});

test('a reader that fails leaves an rollout without answer and says why', async () => {
	const broken = altered(addition, { answers: { read: () => failing() } });
	const at = testWorld({ environment: broken, script: () => 'a6b4$' });
	const [rollout] = await ask([questionOf('12', '34')], at.context(), options);
	expect(rollout).toMatchObject({ answer: null, malformed: 'could not be read: out of order' });
});

function failing(): never {
	throw new Error('out of order');
}
