/** @file Bounded expressions of tokenizers: JavaScript's own matches, in a bounded number of steps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workBudget } from '#base/untrusted/budget.ts';
import { splittingPatterns } from '#model/tokenizers/byte-level.ts';
import { BoundedExpression } from '#model/tokenizers/patterns/bounded-expression.ts';

const bounded = (source: string, steps = 1e6): BoundedExpression =>
	new BoundedExpression(source, 'gu', { budget: workBudget({ steps }, 'an expression', 'stop.') });
/** JavaScript knows inline flags since 2025 only; the library writes them out. */
const spelled = (source: string): string =>
	source.replace(
		/\(\?i:([^)]*)\)/g,
		(_all, letters: string) =>
			`(?:${letters.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)})`,
	);
const same = (source: string, text: string): void => {
	const native = new RegExp(source, 'gu');
	const ours = bounded(source);
	expect(text.match(ours), `${source} ${text}`).toEqual(text.match(native));
	expect(text.replaceAll(ours, '_')).toEqual(text.replaceAll(native, '_'));
	expect([...text.matchAll(ours)].map(({ index }) => index)).toEqual(
		[...text.matchAll(native)].map(({ index }) => index),
	);
};

const texts = [
	'',
	"It's  the DON'T 12345 größe 漢字\n\n  \t x 😀😀 a\r\nb   ",
	'   \n \n',
	'ab'.repeat(20) + 'b',
];

describe('bounded expressions', () => {
	it.each(splittingPatterns)('match as JavaScript does: %s', (source) => {
		const unit = fc.constantFrom(..." \n\r\t'sTaé漢1٣.!😀\u0301", "'ll");
		fc.assert(
			fc.property(fc.array(unit, { maxLength: 30 }), (units) => {
				same(spelled(source), units.join(''));
			}),
		);
	});

	it.each([
		'a*?b',
		'(?:a|ab)(?:c|bcd)?',
		'(a*)*',
		'(?:a|b)*?b$',
		'^a|b$',
		'(?<=a)b',
		'(?<!a|😀)b',
		'(?=ab)a',
		'(?!ab).',
		'(?<=(?:ab)+)b',
		'a{2,3}?',
		'a{0}b',
		'(?:a?){3}b',
		'[^a\\]b]+',
		'\\u{1F600}|\\x61\\u0062',
		'😀*',
		'(?:|a)*b',
		'(?<name>a+)(?:b|$)',
	])('match as JavaScript does: %s', (source) => {
		for (const text of texts) same(source, text);
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom('a', 'b', 'c', 'd', '😀', ' '), { maxLength: 14 }),
				(units) => {
					same(source, units.join(''));
				},
			),
		);
	});

	it('split a text as JavaScript does', () => {
		expect('a1b22c'.split(bounded('\\d+'))).toEqual(['a', 'b', 'c']);
	});

	it('take steps in proportion to the text where JavaScript takes for ever', () => {
		for (const source of ['(a+)+$', '^(a|a)*$', '(a|aa)+$', '(?:a*)*c', '(.*a){12}$'])
			expect(`${'a'.repeat(40)}b`.match(bounded(source, 20_000))).toBeNull();
	});

	it('are ended by their budget', () => {
		expect(() => 'a'.repeat(2000).match(bounded('(?=a*b)a', 100_000))).toThrow(
			'an expression takes more than 100,000 steps of work; stop.',
		);
	});

	it.each([
		['(a)\\1', 'the backreference \\1'],
		['\\bword', 'the word boundary \\b'],
		['(?:a{1000}){1000}', 'too many repetitions'],
	])('refuse by name what they do not support: %s', (source, what) => {
		expect(() => bounded(source)).toThrow(what);
	});
});
