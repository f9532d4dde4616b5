/** @file Markdown of a model: no element of the page, bounded in depth and time, and read once while it streams in. */
import { describe, expect, test } from 'vitest';
import { growingMarkdown } from '../../src/ui/panels/chat/markdown.ts';

const shown = (text: string): HTMLElement => {
	const box = document.createElement('div');
	growingMarkdown().show(box, text);
	return box;
};

describe('endless markdown', () => {
	test.each(['>'.repeat(4000), '> '.repeat(4000), '- '.repeat(4000), '1. '.repeat(4000)])(
		'of marks in one another shows as text: %.10s',
		(text) => {
			const box = shown(`${text}x`);
			expect(box.textContent).toBe(`${text}x`);
			expect(box.querySelectorAll('*').length).toBe(1);
		},
	);

	test.each([
		['_a_ ', 20_000],
		['`x` ', 20_000],
		['[', 30_000],
		['*a ', 20_000],
		['<', 60_000],
		['[a](b ', 10_000],
	])('of %s × %i is shown within a second', (piece, times) => {
		const begun = performance.now();
		const box = shown(piece.repeat(times));
		expect(performance.now() - begun).toBeLessThan(1000);
		expect(box.textContent).toContain(piece.replace(/[`*_]/g, '').trim().slice(0, 1));
	});
});

describe('a text that grows', () => {
	const text = [
		'# Head\n\n',
		'One *two* `three`\n\n',
		'```js\nlet a = 1;\n\nlet b;\n```\n\n',
		'- a\n- b\n\n  more\n- c\n\n',
		'| a | b |\n|---|---|\n| 1 | 2 |\n\n',
		'> quoted\n\nHead\n---\nend\r\nof it',
	].join('');

	test('is shown as the whole at each moment', () => {
		const growing = growingMarkdown();
		const box = document.createElement('div');
		for (let end = 1; end <= text.length; end++) {
			growing.show(box, text.slice(0, end));
			expect(box.innerHTML).toBe(shown(text.slice(0, end)).innerHTML);
		}
		growing.show(box, 'something else');
		expect(box.innerHTML).toBe('<p>something else</p>\n');
	});

	test('keeps the elements of what is finished', () => {
		const growing = growingMarkdown();
		const box = document.createElement('div');
		growing.show(box, 'first\n\nsec');
		const [first] = box.children;
		growing.show(box, 'first\n\nsecond\n\nthird');
		expect(box.children[0]).toBe(first);
		expect(box.children).toHaveLength(3);
	});
});

describe('what a model writes', () => {
	test.each([
		['<img src=x onerror="globalThis.ran = true">', 'img'],
		['<script>globalThis.ran = true</script>', 'script'],
		['<iframe src="https://example.org"></iframe>', 'iframe'],
		['![pixel](https://example.org/pixel.png)', 'img'],
		['<style>*{display:none}</style>', 'style'],
		['<form action="https://example.org"><input></form>', 'form'],
		['<svg onload="globalThis.ran = true"></svg>', 'svg'],
	])('%s becomes no element', (markdown, element) => {
		const box = shown(markdown);
		expect(box.querySelector(element)).toBeNull();
		expect(Reflect.get(globalThis, 'ran')).toBeUndefined();
	});
	test('HTML stands there as it was written', () => {
		expect(shown('a <b onclick="x()">c</b>').textContent).toContain('<b onclick="x()">c</b>');
	});
	test.each(['[a](javascript:alert(1))', '[a](data:text/html,x)', '[a](JaVaScRiPt:alert(1))'])(
		'%s leads nowhere',
		(markdown) => {
			expect(shown(markdown).querySelector('a')?.getAttribute('href') ?? null).toBeNull();
		},
	);
	test('a link opens beside the page and tells nothing', () => {
		const link = shown('[a](https://example.org/)').querySelector('a');
		expect(link).toMatchObject({ rel: 'noopener noreferrer nofollow', target: '_blank' });
	});
	test('headings are no headings of the page; lists, code and tables stay', () => {
		const box = shown(
			'# Title\n\n- one\n\n```js\nlet a < b;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |',
		);
		expect(box.querySelector('h1')).toBeNull();
		expect(box.querySelector('p strong')?.textContent).toBe('Title');
		expect(box.querySelector('li')?.textContent.trim()).toBe('one');
		expect(box.querySelector('pre code')?.textContent).toBe('let a < b;\n');
		expect(box.querySelectorAll('td')).toHaveLength(2);
	});
});
