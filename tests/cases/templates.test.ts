/** @file Small chat templates with what jinja2 makes of them: the same text, or a refusal by name; never another text. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { caseText, modelFolder, run } from './folder.ts';
import { ChatTemplateError, renderChat, type ChatMessage } from '#model/chat-template.ts';

interface Cases {
	readonly messages: readonly ChatMessage[];
	readonly templates: Readonly<Record<string, string>>;
	readonly expected: Readonly<Record<string, { readonly ok?: string; readonly error?: string }>>;
}
const cases = JSON.parse(
	readFileSync(new URL('../fixtures/cases/templates.json', import.meta.url), 'utf8'),
) as Cases;

test.each(Object.entries(cases.templates))('%s', (name, template) => {
	const { ok } = cases.expected[name] ?? {};
	let made: string | undefined;
	try {
		made = renderChat(template, cases.messages, {
			specialTokens: { bos_token: '<s>', eos_token: '</s>' },
			addGenerationPrompt: true,
		});
	} catch (error) {
		expect(error).toBeInstanceOf(ChatTemplateError);
		return;
	}
	expect(made).toBe(ok);
});

test('line ends of Windows are line ends', () => {
	const template = 'a\n{% for m in messages %}\n{{ m.role }}\n{% endfor %}\nb';
	expect(renderChat(template.replaceAll('\n', '\r\n'), cases.messages)).toBe(
		renderChat(template, cases.messages),
	);
});

test('a template that asks the date is told today’s in a chat', async () => {
	const model = await modelFolder({
		'chat_template.jinja': await caseText('templates/date.jinja'),
	});
	const ask = async (prompt: string, ...more: readonly string[]) => {
		const { events } = await run(
			...['chat', '--model', model, '--prompt', prompt, '--max-tokens', '4', '--form', 'f32'],
			...['--threads', '1', '--json', ...more],
		);
		return events[0];
	};
	const now = new Date();
	const month = now.toLocaleString('en', { month: 'short' });
	const day = String(now.getDate()).padStart(2, '0');
	const asked = await ask('Hi');
	expect(asked).toMatchObject({ type: 'answer' });
	expect(asked).toEqual(await ask(`Today: ${day} ${month} ${now.getFullYear()}\nHi`, '--raw'));
	expect(asked).not.toEqual(await ask('Today: 26 Jul 2024\nHi', '--raw'));
});
