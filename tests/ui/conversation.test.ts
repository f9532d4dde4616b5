/** @file What a column's model sees of a conversation, what can be learnt of it, and what is kept of it. */
import { describe, expect, test } from 'vitest';
import {
	endInWords,
	goodAnswers,
	messagesBefore,
	type ChatAnswer,
	type Turn,
} from '../../src/ui/panels/chat/conversation.ts';

const answer = (text: string, changes: Partial<ChatAnswer> = {}): ChatAnswer => ({
	id: text,
	text,
	pieces: [],
	ended: 'stop',
	by: 'base model',
	seed: 1,
	isGood: false,
	...changes,
});
const turns: readonly Turn[] = [
	{ id: '1', text: 'Hello', answers: { main: answer('Hi') } },
	{
		id: '2',
		text: 'How are you?',
		answers: { main: answer('Well', { isGood: true }), base: answer('Fine') },
	},
	{ id: '3', text: 'And now?', answers: {} },
];

describe('a conversation', () => {
	test('a column goes on from its own answers, and from the other where it has none', () => {
		expect(messagesBefore(turns, 2, 'base', '').map(({ content }) => content)).toEqual([
			'Hello',
			'Hi',
			'How are you?',
			'Fine',
		]);
		expect(messagesBefore(turns, 2, 'main', '').at(-1)).toEqual({
			role: 'assistant',
			content: 'Well',
		});
	});
	test('the system prompt stands first, and only where there is one', () => {
		expect(messagesBefore(turns, 1, 'main', 'Be brief.')[0]?.role).toBe('system');
		expect(messagesBefore(turns, 1, 'main', '  ')[0]?.role).toBe('user');
	});
	test('only what is marked is learnt, with all that was said before it', () => {
		expect(goodAnswers(turns, '')).toEqual([
			{
				conversation: [
					{ role: 'user', content: 'Hello' },
					{ role: 'assistant', content: 'Hi' },
					{ role: 'user', content: 'How are you?' },
				],
				answer: 'Well',
			},
		]);
	});
	test.each([
		['context', /context of 256 tokens.*new chat/],
		['length', /Longest answer/],
		['aborted', /Stopped/],
	] as const)('an answer that ended as %s says so, with a remedy', (ended, words) => {
		expect(endInWords(answer('x', { ended }), 256)).toMatch(words);
	});
	test('one that ended by itself needs no word', () => {
		expect(endInWords(answer('x'), 256)).toBe('');
	});
});
