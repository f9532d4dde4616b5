/** @file What is learnt of a training row: the assistant's words and end marks, nothing else, in text and in tokens. */
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { chatMl, ChatTemplateError, renderChat, type ChatMessage } from '#model/chat-template.ts';
import { trainedSpans, trainedTokens, type TrainedChat } from '#training/data/chat-rows.ts';
import { readTrainingRow } from '#training/data/read-row.ts';
import { TrainingRowError } from '#training/data/training-row.ts';
import { sentencePieceTokenizer } from '#model/tokenizers/sentencepiece.ts';
import { smallSentencePiece } from '../../fixtures/tokenizers/load.ts';

const folder = new URL('../../fixtures/chat-templates/', import.meta.url);
const chats: Readonly<Record<string, TrainedChat>> = Object.fromEntries(
	await Promise.all(
		(
			[
				['smollm2', '<|im_end|>'],
				['tinyllama', '</s>'],
				['qwen2.5', '<|im_end|>'],
				['qwen3', '<|im_end|>'],
				['llama-3.2', '<|eot_id|>'],
			] as const
		).map(async ([name, eos_token]) => {
			const template = await readFile(new URL(`${name}.jinja`, folder), 'utf8');
			return [name, { template, specialTokens: { bos_token: '<s>', eos_token } }] as const;
		}),
	),
);
const chat = (name: string): TrainedChat => {
	const found = chats[name];
	if (!found) throw new Error(name);
	return found;
};
const say = (...turns: readonly (readonly [string, string])[]): readonly ChatMessage[] =>
	turns.map(([role, content]) => ({ role, content }));
const learnt = (...args: Parameters<typeof trainedSpans>): readonly string[] => {
	const { text, spans } = trainedSpans(...args);
	return spans.map(([from, to]) => text.slice(from, to));
};
const talk = say(
	['system', 'Be brief.'],
	['user', 'One?'],
	['assistant', 'First.'],
	['user', 'First.'],
	['assistant', 'Second.'],
);

describe('messages', () => {
	it.each([
		['smollm2', ['First.<|im_end|>', 'Second.<|im_end|>']],
		['qwen2.5', ['First.<|im_end|>', 'Second.<|im_end|>']],
		['qwen3', ['First.<|im_end|>', '<think>\n\n</think>\n\nSecond.<|im_end|>']],
		['llama-3.2', ['First.<|eot_id|>', 'Second.<|eot_id|>']],
		['tinyllama', ['First.</s>', 'Second.</s>']],
	])(
		'by the template of %s are learnt where the assistant speaks, up to its end mark',
		(name, parts) => {
			expect(learnt({ messages: talk }, chat(name))).toEqual(parts);
			expect(trainedSpans({ messages: talk }, chat(name)).templated).toBe(true);
		},
	);

	it('leave out thoughts that the template leaves out, and learn those it keeps', () => {
		const messages = say(
			['user', 'a'],
			['assistant', '<think>\nhm\n</think>\n\nb'],
			['user', 'c'],
			['assistant', '<think>\nso\n</think>\n\nd'],
		);
		expect(learnt({ messages }, chat('qwen3'))).toEqual([
			'b<|im_end|>',
			'<think>\nso\n</think>\n\nd<|im_end|>',
		]);
	});

	it('of a prompt are not learnt again, only those of the completion', () => {
		const [prompt, completion] = [talk.slice(0, 4), talk.slice(4)];
		expect(learnt({ prompt, completion }, chat('smollm2'))).toEqual(['Second.<|im_end|>']);
	});

	it('with an empty answer teach its end', () => {
		const messages = say(['user', 'a'], ['assistant', '']);
		expect(learnt({ messages }, chat('smollm2'))).toEqual(['<|im_end|>']);
	});

	it('of a template without end marks are learnt to what closes their turn', () => {
		const template =
			"{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";
		expect(learnt({ messages: talk }, { template })).toEqual(['First.\n', 'Second.\n']);
		const ends = (count: number) =>
			trainedSpans({ messages: talk.slice(0, count) }, { template }).ended;
		expect([ends(5), ends(4)]).toEqual([false, true]);
		expect(() => trainedSpans({ messages: talk }, { template: 'always the same' })).toThrow(
			'hides where answer 3 stands',
		);
	});

	it('need a template', () => {
		expect(() => trainedSpans({ messages: talk }, {})).toThrow(ChatTemplateError);
		expect(() => trainedSpans({ messages: talk }, {})).toThrow('has no chat template');
	});

	it('whatever they say, learn what follows the prompt of a chat, and no word of the user', () => {
		const words = fc.string({ unit: 'grapheme', maxLength: 12 }).map((s) => s.replace(/[<>]/g, ''));
		fc.assert(
			fc.property(words, words, words, fc.constantFrom(...Object.keys(chats)), (a, b, c, name) => {
				const messages = say(['user', a], ['assistant', b], ['user', c], ['assistant', b]);
				const { text, spans } = trainedSpans({ messages }, chat(name));
				const options = { ...chat(name), addGenerationPrompt: true };
				const template = chat(name).template ?? '';
				const parts = spans.map(([from, to]) => text.slice(from, to));
				expect(parts).toHaveLength(2);
				for (const part of parts) expect(part).toContain(b.trim());
				expect(spans[0]?.[0]).toBe(renderChat(template, messages.slice(0, 1), options).length);
				expect(spans[1]?.[0]).toBe(renderChat(template, messages.slice(0, 3), options).length);
			}),
			{ numRuns: 25 },
		);
	});
});

describe('a prompt and a completion of text', () => {
	it('stand as they are, with the end mark behind them once', () => {
		const chatEnd = { specialTokens: { eos_token: '</s>' } };
		expect(trainedSpans({ prompt: 'a ', completion: 'b' }, chatEnd)).toEqual({
			text: 'a b</s>',
			spans: [[2, 7]],
			templated: false,
			ended: true,
		});
		expect(trainedSpans({ prompt: 'a ', completion: 'b</s>' }, chatEnd).text).toBe('a b</s>');
		expect(trainedSpans({ prompt: '', completion: 'b' }, {})).toMatchObject({
			text: 'b',
			ended: false,
		});
	});
});

describe('tokens', () => {
	const { tokens: texts, scores, types: kinds } = smallSentencePiece;
	const tokenizer = sentencePieceTokenizer(
		{ texts, scores, kinds, spacePrefix: true },
		{ endToken: 2, padToken: 2 },
	);
	const shown = (row: Parameters<typeof trainedSpans>[0], start: readonly number[] = [1]) => {
		const spans = trainedSpans(row, { template: chatMl, specialTokens: { eos_token: '</s>' } });
		const { tokens, mask } = trainedTokens(spans, tokenizer, start);
		const part = (which: 0 | 1) => tokens.filter((_, i) => mask[i] === which);
		return { tokens, said: part(1), given: part(0) };
	};

	it('are learnt from the first that holds a part of the answer to the end mark', () => {
		const { tokens, said, given } = shown({ prompt: 'Once upon a', completion: ' time, there' });
		expect(tokens).toEqual([1, ...tokenizer.encode('Once upon a time, there</s>')]);
		expect(given).toEqual([1, ...tokenizer.encode('Once upon a')]);
		expect(tokenizer.decode(said)).toBe(' time, there');
		expect(said.at(-1)).toBe(2);
		const split = shown({ prompt: 'Once up', completion: 'on a time' });
		expect(split.tokens).toEqual([1, ...tokenizer.encode('Once upon a time</s>')]);
		expect(tokenizer.decode(split.said)).toContain('on a time');
	});

	it('of a template get no start token besides its own', () => {
		const { tokens, said } = shown({
			messages: say(['user', 'Once'], ['assistant', 'upon a time']),
		});
		expect(tokens[0]).not.toBe(1);
		expect(tokenizer.decode(said)).toMatch(/upon a time<\|im_end\|>$/);
	});
});

describe('a line of a training file', () => {
	it('is one of three kinds of row', () => {
		for (const row of [
			{ prompt: 'a', completion: 'b' },
			{ messages: talk },
			{ prompt: talk.slice(0, 2), completion: talk.slice(2, 3) },
		])
			expect(readTrainingRow(row, 'line 1')).toEqual(row);
	});

	it.each([
		[null, 'is not a JSON object'],
		[{}, 'has no keys, none of the keys that are read'],
		[{ prompt: 'a' }, 'prompt is no list of messages'],
		[{ prompt: 'a', completion: '' }, 'the completion is empty'],
		[{ prompt: [talk[1]], completion: 'b' }, 'completion is no list of messages'],
		[{ messages: [] }, 'messages is no list of messages'],
		[{ messages: [talk[1]] }, 'holds nothing that the assistant says'],
		[
			{ prompt: [talk[1], talk[2]], completion: [talk[1]] },
			'holds nothing that the assistant says',
		],
		[{ messages: ['hi'] }, 'messages holds something else than messages'],
		[
			{ messages: [{ role: 'user' }] },
			'a message in messages needs a role and a content, both text',
		],
	])('is else refused with what a row is: %j', (row, message) => {
		expect(() => readTrainingRow(row, 'data.jsonl, line 3')).toThrow(TrainingRowError);
		expect(() => readTrainingRow(row, 'data.jsonl, line 3')).toThrow(
			`data.jsonl, line 3: ${message}; a row is`,
		);
	});
});
