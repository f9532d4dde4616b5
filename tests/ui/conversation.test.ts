/** @file What a column's model sees of a conversation, what can be learnt of it, and what is kept of it. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
	endInWords,
	goodAnswers,
	keepTurns,
	messagesBefore,
	readTurns,
	type ChatAnswer,
	type Turn,
} from '../../src/ui/panels/chat/conversation.ts';
import { language } from '#ui/language/language.svelte.ts';

const answer = (text: string, changes: Partial<ChatAnswer> = {}): ChatAnswer => ({
	id: text,
	text,
	pieces: [],
	ended: 'stop',
	by: 'base model',
	seed: 1,
	isGood: false,
	isBad: false,
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

beforeAll(async () => {
	for (const part of ['more', 'chat'] as const) await language.load(part);
});

describe('a conversation', () => {
	test('a column goes on from its own answers, and from the other if it has none', () => {
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
	test('the system prompt stands first, and only if there is one', () => {
		expect(messagesBefore(turns, 1, 'main', 'Be brief.')[0]?.role).toBe('system');
		expect(messagesBefore(turns, 1, 'main', '  ')[0]?.role).toBe('user');
	});
	test('only marked answers are learnt, with all messages before them', () => {
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

describe('what is kept of it', () => {
	const keep = (text: string): void => {
		const items = new Map([['evolvarium.chat', text]]);
		vi.stubGlobal('localStorage', {
			getItem: (key: string) => items.get(key) ?? null,
			setItem: (key: string, value: string) => void items.set(key, value),
		});
	};
	afterEach(() => vi.unstubAllGlobals());

	test('comes back as it was', () => {
		keep('[]');
		keepTurns(turns);
		expect(readTurns()).toEqual(turns);
	});
	test('an answer under way counts as stopped, and what is odd in it is left out', () => {
		const odd = { id: 'a', text: 'Hi', by: 'base', ended: null, pace: 'fast', isGood: 'yes' };
		keep(JSON.stringify([{ id: '1', text: 'Hello', answers: { main: odd, base: 7 } }]));
		expect(readTurns()).toEqual([
			{
				id: '1',
				text: 'Hello',
				answers: {
					main: {
						id: 'a',
						text: 'Hi',
						by: 'base',
						ended: 'aborted',
						seed: 0,
						isGood: false,
						isBad: false,
						pieces: [],
					},
				},
			},
		]);
	});
	test('two turns of one id are one, and a turn that is none is not there', () => {
		const turn = { id: '1', text: 'Hello', answers: {} };
		keep(JSON.stringify([turn, { ...turn, text: 'Again' }, null, [], { ...turn, answers: [] }, 3]));
		expect(readTurns()).toEqual([{ ...turn, text: 'Again' }]);
	});
	test.each(['', '{', '{"a":1}', 'null'])('%o is no conversation', (text) => {
		keep(text);
		expect(readTurns()).toEqual([]);
	});
});
