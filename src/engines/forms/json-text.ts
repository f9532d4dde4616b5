/** @file JSON text as syntax: strings, numbers, and other texts inside a string. */
import { complement, intersect, ranges, type Ranges } from './ranges.ts';
import { character, choice, literal, optional, repeat, sequence, type Syntax } from './syntax.ts';

const set = (...pairs: Ranges): Syntax => character(ranges(pairs));
const anyOf = (letters: string): Syntax =>
	character(ranges(Array.from(letters, (c) => [c.charCodeAt(0), c.charCodeAt(0)])));
const code = (letter: string): number => letter.charCodeAt(0);
const between = (from: string, to: string): readonly [number, number] => [code(from), code(to)];

const digit = set(between('0', '9'));
const hex = set(between('0', '9'), between('a', 'f'), between('A', 'F'));

/** Characters that JSON must escape: control characters, quote, backslash. */
const special = ranges([
	[0, 0x1f],
	[code('"'), code('"')],
	[code('\\'), code('\\')],
]);
const plain = complement(special);

/** One character in any JSON spelling; surrogates only as the character they encode. */
const written = choice(
	character(plain),
	sequence(literal('\\'), anyOf('"\\/bfnrt')),
	sequence(
		literal('\\u'),
		choice(
			sequence(set(between('0', '9'), between('a', 'c'), between('A', 'C')), hex),
			sequence(set(between('e', 'f'), between('E', 'F')), hex),
			sequence(anyOf('dD'), set(between('0', '7'))),
		),
		hex,
		hex,
	),
);

/** A quoted string with a length range in code points. */
export const stringSyntax = (min: number, max: number): Syntax =>
	sequence(literal('"'), repeat(written, min, max), literal('"'));

/** A quoted string with the described characters, escaped as JSON requires. */
export const quotedSyntax = (content: Syntax): Syntax =>
	sequence(literal('"'), escaped(content), literal('"'));

function escaped(part: Syntax): Syntax {
	switch (part.kind) {
		case 'character': {
			const points = intersect(part.of, special).flatMap(([from, to]) =>
				Array.from({ length: to - from + 1 }, (_, i) => from + i),
			);
			return choice(
				character(intersect(part.of, plain)),
				...points.map((point) => literal(JSON.stringify(String.fromCodePoint(point)).slice(1, -1))),
			);
		}
		case 'sequence':
			return sequence(...part.parts.map(escaped));
		case 'choice':
			return choice(...part.options.map(escaped));
		case 'repeat':
			return repeat(
				escaped(part.part),
				part.min,
				part.max,
				part.separator && escaped(part.separator),
			);
		case 'listing':
			return {
				kind: 'listing',
				parts: part.parts.map((item) => ({ ...item, part: escaped(item.part) })),
				separator: escaped(part.separator),
			};
	}
}

/** Integer of up to 15 digits, so that a double holds every value exactly. */
export const integerSyntax: Syntax = sequence(
	optional(literal('-')),
	choice(literal('0'), sequence(set(between('1', '9')), repeat(digit, 0, 14))),
);

/** Number of up to 15 digits before and after the point and an exponent of two: always finite. */
export const numberSyntax: Syntax = sequence(
	integerSyntax,
	optional(sequence(literal('.'), repeat(digit, 1, 15))),
	optional(sequence(anyOf('eE'), optional(anyOf('+-')), repeat(digit, 1, 2))),
);

/** Separator of items, and of a name and its value: with one space or none after it. */
export const comma = sequence(literal(','), optional(literal(' ')));
export const colon = sequence(literal(':'), optional(literal(' ')));
