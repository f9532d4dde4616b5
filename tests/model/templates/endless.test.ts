/** @file Chat templates that would never end or fill the memory are ended with a sentence; long honest ones are not. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ChatTemplateError, renderChat } from '#model/chat-template.ts';

const hello = [{ role: 'user', content: 'hello' }];
const big = (body: string) => `{% set ns = namespace(x='ab', l=['ab']) %}${body}`;
const times = (count: number, body: string) => body.repeat(count);
const wide = big(times(16, '{% set ns.x = ns.x ~ ns.x %}{% set ns.l = ns.l + ns.l %}'));

describe('an endless template', () => {
	it.each([
		['loops', '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}'],
		[
			'loops with output',
			'{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}',
		],
		['a list doubled', big(times(40, '{% set ns.l = ns.l + ns.l %}'))],
		['a text doubled', big(times(40, '{% set ns.x = ns.x ~ ns.x %}'))],
		['a list in itself', `${big(times(40, '{% set ns.l = [ns.l, ns.l] %}'))}{{ ns.l }}`],
		[
			'a list in itself as JSON',
			`${big(times(40, '{% set ns.l = [ns.l, ns.l] %}'))}{{ ns.l | tojson }}`,
		],
		[
			'a list in itself beside a text',
			`${big(times(40, '{% set ns.l = [ns.l, ns.l] %}'))}{% set y = ns.l ~ "a" %}`,
		],
		[
			'a list in itself compared',
			`${big(times(40, '{% set ns.l = [ns.l, ns.l] %}'))}{% if ns.l == "a" %}{% endif %}`,
		],
		[
			'a list in itself filtered',
			`${big(times(40, '{% set ns.l = [ns.l, ns.l] %}'))}{% filter upper %}{{ ns.l }}{% endfilter %}`,
		],
		[
			'namespaces in one another',
			`{% set a = namespace() %}{% set b = namespace() %}${times(20, '{% set a = namespace(x=b, y=b) %}{% set b = namespace(x=a, y=a) %}')}{{ b }}`,
		],
		['replacements', `${wide}{{ ns.x | replace("a", ns.x) }}`],
		['replacements by a method', `${wide}{{ ns.x.replace("a", ns.x) }}`],
		['a separator', `${wide}{{ ns.l | join(ns.x) }}`],
		['an indentation', `${wide}{{ ns.x | indent(100000000) }}`],
		['an indentation of JSON', '{{ messages | tojson(indent=100000000) }}'],
		[
			'a sorted list',
			`${wide}{% set l = [ns.x] %}${times(12, '{% set l = l + l %}')}{{ l | sort | length }}`,
		],
		[
			'macros',
			'{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
		],
		[
			'an exception',
			`${big(times(40, '{% set ns.l = [ns.l, ns.l] %}'))}{{ raise_exception(ns.l) }}`,
		],
		['a range', `${big(times(40, '{% set ns.l = [ns.l, ns.l] %}'))}{{ range(ns.l) }}`],
		['white space', `${' '.repeat(200_000)}x`],
		['a long text', 'x'.repeat(1 << 20)],
	])('of %s is ended', (_what, template) => {
		const begun = performance.now();
		expect(() => renderChat(template, hello)).toThrow(ChatTemplateError);
		expect(performance.now() - begun).toBeLessThan(8000);
	});

	it('is named with a remedy', () => {
		const template =
			'{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}';
		expect(() => renderChat(template, hello)).toThrow(
			/^The model’s chat template was ended: it takes more than [\d,]+ steps of work; .*send the text without it\.$/,
		);
	});
});

describe('an honest template', () => {
	it('has room for a long conversation', async () => {
		const folder = new URL('../../fixtures/chat-templates/', import.meta.url);
		const messages = Array.from({ length: 1000 }, (_, i) => ({
			role: i % 2 === 0 ? 'user' : 'assistant',
			content: `${i} ${'word '.repeat(200)}`,
		}));
		for (const name of ['qwen3', 'llama-3.2', 'smollm2']) {
			const template = await readFile(new URL(`${name}.jinja`, folder), 'utf8');
			expect(renderChat(template, messages)).toContain('999 word');
		}
	});

	it('may build a list of its messages, one by one', () => {
		const template =
			'{% set ns = namespace(all=[]) %}{% for m in messages %}{% set ns.all = ns.all + [m] %}{% endfor %}{{ ns.all | length }}';
		const messages = Array.from({ length: 1000 }, () => ({
			role: 'user',
			content: 'x'.repeat(1000),
		}));
		expect(renderChat(template, messages)).toBe('1000');
	});

	it('may filter a block', () => {
		expect(
			renderChat('{% filter replace("l", "L") %}{{ messages[0].content }}{% endfilter %}', hello),
		).toBe('heLLo');
	});
});
