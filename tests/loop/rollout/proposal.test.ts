/** @file Tasks are read out of whatever a model wraps around them, and what cannot be used is left. */
import { expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { conversation, examplesOf, readProposal } from '#loop/rollout/proposal.ts';

const task = 'Describe a boat. Use at most 30 words.';

test.each([
	task,
	`9. ${task}\n10. Describe a kite.`,
	`Sure, here is a new task:\n\n${task}`,
	`**Task:** ${task}`,
	`"${task}"`,
	`- ${task}\n\nThe boat is blue.`,
	`Task 3: Describe a boat.\nUse at most 30 words.`,
])('%j holds the task', (said) => {
	expect(readProposal(said)).toBe(task);
});

test.each([
	'',
	'   \n ',
	'Describe it.',
	'describe a boat in small letters.',
	'Describe a boat and',
	'Draw a picture of a boat.',
	'Summarise the attached file in one sentence.',
	'!!! ??? ...',
	'Say '.repeat(200),
])('%j holds none', (said) => {
	expect(readProposal(said)).toBeNull();
});

test('a chat shows each example as an answer to the same request', () => {
	expect(conversation('Another.', ['A.', 'B.'])).toEqual([
		{ role: 'user', content: 'Another.' },
		{ role: 'assistant', content: 'A.' },
		{ role: 'user', content: 'Another.' },
		{ role: 'assistant', content: 'B.' },
		{ role: 'user', content: 'Another.' },
	]);
});

test('a quarter of the examples are its own, once there are some', () => {
	const seeds = Array.from({ length: 20 }, (_, i) => `seed ${i}`);
	const own = Array.from({ length: 5 }, (_, i) => `own ${i}`);
	const shown = examplesOf(seeds, own, 8, random(1));
	expect(shown).toHaveLength(8);
	expect(shown.filter((text) => text.startsWith('own'))).toHaveLength(2);
	expect(examplesOf(seeds, [], 8, random(1)).every((text) => text.startsWith('seed'))).toBe(true);
});
