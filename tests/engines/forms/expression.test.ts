/** @file Answers held to regular expressions are what JavaScript's own engine matches, no more and no less. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { acceptsText, automaton } from '#engines/forms/automaton.ts';
import { expressionSyntax } from '#engines/forms/expression.ts';
import { classOf, complement, everything, intersect } from '#engines/forms/ranges.ts';
import { hasForm, tokenForms } from '#engines/forms/token-form.ts';
import { utf8Sequences } from '#engines/forms/utf8.ts';
import { allowedTokens, byteVocabulary, speak, textVocabulary } from './speak.ts';

const expression = (source: string) => ({ kind: 'expression', source }) as const;
const matches = (source: string, text: string) => new RegExp(`^(?:${source})$`, 'u').test(text);

/** Expressions over few characters, one of each UTF-8 length, so that random texts often match. */
const { source: sources } = fc.letrec<{ source: string; part: string; atom: string }>((tie) => ({
	atom: fc.oneof(
		{ depthSize: 'small', withCrossShrink: true },
		fc.constantFrom('a', 'b', 'é', '日', '😀', '\\.', '.', '\\d', '\\w', '\\s', '\\S', '\\n'),
		fc.constantFrom(
			'[ab]',
			'[^a]',
			'[^\\d😀]',
			'[a-c日]',
			'[\\w.-]',
			'\\u{1F600}',
			'\\x61',
			'\\p{L}',
		),
		tie('source').map((inner) => `(?:${inner})`),
		tie('source').map((inner) => `(${inner})`),
	),
	part: fc
		.tuple(
			tie('atom'),
			fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{1,}', '{0,2}', '{1,3}?', '+?'),
		)
		.map(([atom, times]) => atom + times),
	source: fc
		.array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
		.map((options) => options.map((parts) => parts.join('')).join('|')),
}));
const texts = fc.string({
	unit: fc.constantFrom('a', 'b', 'é', '日', '😀', '.', '1', '\n'),
	maxLength: 6,
});

describe('expressions', () => {
	test('take exactly the texts that JavaScript matches', () => {
		fc.assert(
			fc.property(sources, fc.array(texts, { minLength: 5, maxLength: 5 }), (source, some) => {
				const machine = automaton(expressionSyntax(source), everything);
				for (const text of some)
					expect([text, acceptsText(machine, text)]).toEqual([text, matches(source, text)]);
			}),
			{ numRuns: 150 },
		);
	});

	test('hold every answer drawn through their masks to what they match', () => {
		const vocabulary = byteVocabulary(['ab', 'aba', 'a日', '日😀', '11', 'é.', ' a', 'b\n']);
		const forms = tokenForms(vocabulary.bytes, vocabulary.endToken);
		fc.assert(
			fc.property(sources, fc.nat(), (source, seed) => {
				const said = speak(forms.open(expression(source)), vocabulary, random(seed));
				expect([said, matches(source, said)]).toEqual([said, true]);
			}),
			{ numRuns: 60 },
		);
	});

	test('never lead where a vocabulary without all bytes cannot go on', () => {
		const vocabulary = textVocabulary(['a', 'ab', '1', '日', 'c']);
		const forms = tokenForms(vocabulary.bytes, vocabulary.endToken);
		// "b" has no token of its own: after "a" nothing could finish "ab".
		for (const [source, allowed] of [
			['ab|1', [2]],
			['a?ab', undefined],
			['(?:a|[^a]x|日+)', [0, 3]],
			['[^ac]', [2, 3]],
		] as const) {
			if (allowed) expect(allowedTokens(forms.open(expression(source)), 0)).toEqual(allowed);
			else expect(() => forms.open(expression(source))).toThrow(/use characters of its vocabulary/);
		}
	});

	test('allow the end token only where an answer may end, and then tokens that may follow too', () => {
		const vocabulary = textVocabulary(['a', 'aa', 'b']);
		const form = tokenForms(vocabulary.bytes, vocabulary.endToken).open(expression('a{1,2}b?'));
		expect(allowedTokens(form, form.start)).toEqual([0, 1]);
		const one = form.after(form.start, 0);
		expect(allowedTokens(form, one)).toEqual([0, 2, 3]);
		expect(allowedTokens(form, form.after(one, 2))).toEqual([3]);
	});

	test.each([
		['a(?=b)', 'the lookahead (?='],
		['a(?!b)', 'the lookahead (?!'],
		['(?<=a)b', 'the lookbehind (?<='],
		['(a)\\1', 'the backreference \\1'],
		['(?<x>a)\\k<x>', 'the backreference \\k'],
		['\\bword', 'the word boundary \\b'],
		['(^a)', 'an anchor inside a group'],
		['a$b', 'an anchor in the middle'],
		['a(', 'is not a regular expression'],
		['('.repeat(101) + ')'.repeat(101), 'more than 100 groups'],
		['(?:[ab]{1000}){2000}', 'too large'],
	])('refuse %j by name', (source, named) => {
		expect(() => hasForm(expression(source), '')).toThrow(named);
	});

	test('need no anchors, and take them at the ends of alternatives', () => {
		expect(hasForm(expression('^a|b$|^$'), 'a')).toBe(true);
		expect(hasForm(expression('^a|b$'), 'ab')).toBe(false);
	});
});

describe('characters as bytes', () => {
	test('every set of characters is written by its sequences, each character once', () => {
		const point = fc.oneof(
			fc.nat(0x3ff),
			fc.nat(0xffff),
			fc.nat(0x10ffff),
			fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000),
		);
		fc.assert(
			fc.property(fc.tuple(point, point), point, ([a, b], probe) => {
				const set = intersect([[Math.min(a, b), Math.max(a, b)]], everything);
				if (probe >= 0xd800 && probe <= 0xdfff) return;
				const bytes = new TextEncoder().encode(String.fromCodePoint(probe));
				const hits = utf8Sequences(set).filter(
					(sequence) =>
						sequence.length === bytes.length &&
						sequence.every(([from, to], i) => from <= (bytes[i] ?? 0) && (bytes[i] ?? 0) <= to),
				);
				const inside = probe >= Math.min(a, b) && probe <= Math.max(a, b);
				expect(hits).toHaveLength(inside ? 1 : 0);
			}),
			{ numRuns: 1000 },
		);
	});

	test('what is in a class is not in its opposite, and together they are everything', () => {
		for (const letter of ['d', 's', 'w']) {
			const [set, opposite] = [classOf(`\\${letter}`), classOf(`\\${letter.toUpperCase()}`)];
			expect(intersect(set, opposite)).toEqual([]);
			expect(complement(set)).toEqual(opposite);
		}
	});
});
