/** @file Given texts: a task answers itself with its source, and one without a source has no answer. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { given } from '#loop/1-acquire/solution/positive/grounded/given.ts';
import { english, taskOf } from '../../../../english.ts';

test('takes what was there before the task, asks nobody, and answers nothing else', async () => {
	const engine = scripted({ script: () => 'asked' });
	const { at } = english(engine);
	const plain = taskOf('Describe a kite. Use at most 30 words.');
	const mined = { ...plain, id: 'mined', source: 'A kite is up there.' };
	const [first, second] = await given.create({})([mined, plain], at);
	expect(first?.rollouts.map(({ answer, group }) => [answer, group])).toEqual([
		['A kite is up there.', 'mined'],
	]);
	expect(first?.rollouts[0]?.turns.some(({ tokens }) => tokens !== undefined)).toBe(false);
	expect(second).toEqual({ task: plain, rollouts: [] });
	expect(engine.calls).toEqual([]);
});
