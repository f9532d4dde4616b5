/** @file Small chat templates with what jinja2 makes of them: the same text, or a refusal by name; never another text. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ChatTemplateError, renderChat, type ChatMessage } from '#model/chat-template.ts';

interface Cases {
	readonly messages: readonly ChatMessage[];
	readonly templates: Readonly<Record<string, string>>;
	readonly expected: Readonly<Record<string, { readonly ok?: string; readonly error?: string }>>;
}
const cases = JSON.parse(
	readFileSync(new URL('../fixtures/cases/templates.json', import.meta.url), 'utf8'),
) as Cases;

/** Differences that are known and not mended: the library's own filters and texts in UTF-16. */
const known = ['tojson-float-and-bool', 'capitalize', 'unicode-slicing', 'dict-methods'];

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
	if (known.includes(name)) expect(made).not.toBe(ok);
	else expect(made).toBe(ok);
});

test('line ends of Windows are line ends', () => {
	const template = 'a\n{% for m in messages %}\n{{ m.role }}\n{% endfor %}\nb';
	expect(renderChat(template.replaceAll('\n', '\r\n'), cases.messages)).toBe(
		renderChat(template, cases.messages),
	);
});
