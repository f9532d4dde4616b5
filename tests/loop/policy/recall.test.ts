/** @file Retrieval: cases of the same kind, the nearest first, and never the task itself. */
import { expect, test } from 'vitest';
import { random } from '#base/random.ts';
import type { MemoryEntry } from '#loop/policy/memory.ts';
import { recall, reminded, withExperience } from '#loop/policy/recall.ts';
import { instructions, taskOf } from '../english.ts';

const entry = (task: string, about: string): MemoryEntry => ({
	...{ id: task, kind: 'experience', text: `answer to ${task}`, t: 1, from: [], task, about },
});
const kite = taskOf('Describe a kite. Use at most 30 words.');
const memory = [
	entry('Describe a lighthouse. Use at most 40 words.', 'most-words'),
	entry('Describe a kite. Use at most 50 words.', 'most-words'),
	entry(kite.text, 'most-words'),
	entry('Describe a kite. Do not use any commas.', 'commas'),
];

test('gives cases of the same kind, the most similar first, without the task itself', () => {
	const found = recall(memory, kite, instructions.tasks, 4, random(1));
	expect(found.map(({ id }) => id)).toEqual([memory[1]?.id, memory[0]?.id]);
	expect(recall(memory, kite, instructions.tasks, 1, random(1))).toHaveLength(1);
	expect(recall(memory, kite, instructions.tasks, 0, random(1))).toEqual([]);
});

test('shows them as earlier turns, the most similar last', () => {
	const [near, far] = [memory[1], memory[0]];
	if (!near || !far) throw new Error('no entries');
	const system = { role: 'system', content: 'Be kind.' } as const;
	const user = { role: 'user', content: kite.text } as const;
	const said = (one: MemoryEntry) => [
		{ role: 'user', content: one.task },
		{ role: 'assistant', content: one.text },
	];
	expect(withExperience([user], [near, far])).toEqual([...said(far), ...said(near), user]);
	expect(withExperience([system, user], [near])).toEqual([system, ...said(near), user]);
	expect(withExperience('2+2=', [{ ...near, task: '1+1=', text: '2' }])).toBe('1+1=2\n2+2=');
	expect(withExperience([user], [])).toEqual([user]);
});

test('reminds a chat of its kind, and a text of nothing', () => {
	const asked = [{ role: 'user', content: kite.text }] as const;
	const led = reminded(asked, kite, memory, instructions, 1, random(1));
	expect(led.shown.map(({ id }) => id)).toEqual([memory[1]?.id]);
	expect(led.prompt).toEqual(withExperience(asked, led.shown));
	const { chat: _chat, ...text } = instructions;
	const mute = reminded('2+2=', kite, memory, text, 1, random(1));
	expect(mute).toEqual({ prompt: '2+2=', shown: [] });
});
