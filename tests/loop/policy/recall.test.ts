/** @file Retrieval: cases of the same kind, the nearest first, and never the task itself. */
import { expect, test } from 'vitest';
import { random } from '#base/random.ts';
import type { MemoryEntry } from '#loop/policy/memory.ts';
import { recall, reminded, withExperience } from '#loop/policy/recall.ts';
import { openEnvironment } from '#environments/registry.ts';
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

const dialects = openEnvironment('dialects');
const solved = (task: string, text: string): MemoryEntry => ({ ...entry(task, 'K'), text });
const [near, nearToo, far, elsewhere] = [
	solved('K: b a', 'b3a1$'),
	solved('K: a b', 'a1b3$'),
	solved('K: d e f', 'd0e2f4$'),
	{ ...solved('L: d b', 'd1b2$'), about: 'L' },
];
const task = {
	...{ id: 'x', item: { land: 'K', word: 'bad' }, text: 'K: b a d' },
	...{ difficulty: 3, stratum: 'all' },
};
const prompt = 'Kbad=';

test('takes each next case of a text for what those before it do not tell', () => {
	const { shown } = reminded(prompt, task, [near, nearToo, far, elsewhere], dialects, 2, random(1));
	expect(shown.map((one) => one.task).slice(1)).toEqual([far.task]);
	const all = reminded(prompt, task, [near, near, nearToo, far], dialects, 9, random(1));
	expect(all.shown.map((one) => one.task).sort()).toEqual(['K: a b', 'K: b a', 'K: d e f']);
});

test('writes cases as the environment has them, and none where it shows none', () => {
	const read = reminded(prompt, task, [far, near], dialects, 4, random(1));
	expect(read.prompt).toBe('Kdef=d0e2f4$Kba=b3a1$Kbad=');
	const { cases: _cases, ...mute } = dialects;
	expect(reminded(prompt, task, [far, near], mute, 4, random(1))).toEqual({ prompt, shown: [] });
	expect(reminded(prompt, task, [far, near], dialects, 0, random(1)).prompt).toBe(prompt);
});
