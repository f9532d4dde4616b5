/** @file Memory: carried into prompts, part of the policy's identity, kept with its state. */
import { expect, test } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { ask } from '#loop/rollout/ask.ts';
import { withMemory, type Memory, type MemoryEntry } from '#loop/policy/memory.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import { promptOf } from '#loop/rollout/rollout.ts';
import { addition, taskOf, testWorld } from '../world.ts';

const memory: Memory = [
	{ id: 'm1', kind: 'rule', text: 'Carry the one.', t: 1, from: ['1/a'] },
	{ id: 'm2', kind: 'state', text: '1+1=2', t: 2, from: [] },
];
const solved: MemoryEntry = {
	...{ id: 'm3', kind: 'experience', text: 'Kites fly.', t: 1, from: ['1/b'] },
	...{ task: 'Describe a kite.', about: 'most-words', logprob: -1 },
};

test('a chat gets the memory as its system message, a text as lines before it', () => {
	const chat = [{ role: 'user', content: 'Hi' }] as const;
	expect(withMemory(chat, memory)).toEqual([
		{ role: 'system', content: 'Carry the one.\n1+1=2' },
		{ role: 'user', content: 'Hi' },
	]);
	expect(withMemory([{ role: 'system', content: 'Be kind.' }, ...chat], memory)).toEqual([
		{ role: 'system', content: 'Be kind.\n\nCarry the one.\n1+1=2' },
		{ role: 'user', content: 'Hi' },
	]);
	expect(withMemory('2+2=', memory)).toBe('Carry the one.\n1+1=2\n2+2=');
	expect(withMemory('2+2=', [])).toBe('2+2=');
});

test('solved cases are not shown to all: whoever wants one looks it up', () => {
	expect(withMemory('2+2=', [...memory, solved])).toBe('Carry the one.\n1+1=2\n2+2=');
	expect(withMemory('2+2=', [solved])).toBe('2+2=');
});

test('a policy with other memory is another policy, child of the first; without any its id is as ever', () => {
	const base = basePolicy('addition');
	const child = childOf(base, { memory });
	expect(child.parents).toEqual([base.id]);
	expect(child.id).not.toBe(base.id);
	expect(childOf(child, { memory: [...memory].reverse() }).id).not.toBe(child.id);
	expect(childOf(child, { memory: [] }).id).toBe(base.id);
});

test('the policy is asked with its memory, and the rollout tells so', async () => {
	const at = testWorld({ script: () => 'a6b4$' });
	const task = taskOf(addition, '12', '34');
	const view = { offset: 0, swapped: false };
	const prompt = shownPrompt(addition.open(task.item, view).first());
	const policy = childOf(basePolicy('addition'), { memory });
	const [rollout] = await ask([{ task, view, prompt }], at.context({ policy }), {
		temperature: 0,
		purpose: 'test',
	});
	expect(at.engine.calls[0]).toMatchObject({ prompts: [`Carry the one.\n1+1=2\n${prompt}`] });
	expect(rollout && promptOf(rollout)).toBe(`Carry the one.\n1+1=2\n${prompt}`);
});
