/**
 * @file Regular expressions with the semantics of JavaScript's flag `u`.
 *
 * Supported: characters and escapes, `.`, classes with ranges and `\d \w \s \p{…}` and their opposites, groups of any
 * name, `|`, `? * + {n} {n,} {n,m}` (lazy or not: the language is the same), `^` and `$` at the ends of an alternative.
 * Refused by name: lookahead and lookbehind, backreferences, word boundaries, anchors elsewhere, inline flags.
 */
import { BackendError } from '#base/backend-error.ts';
import { classOf, complement, everything, ranges, type Ranges } from './ranges.ts';
import { character, choice, repeat, sequence, type Syntax } from './syntax.ts';

/** One alternative at the top level, with the anchors at its ends. */
interface Alternative {
	readonly syntax: Syntax;
	readonly atStart: boolean;
	readonly atEnd: boolean;
}

/** The texts that an expression matches as a whole. */
export const expressionSyntax = (source: string): Syntax =>
	choice(...parse(source).map(({ syntax }) => syntax));

/** The texts within which an expression matches somewhere, as a JSON schema's `pattern` means it. */
export function searchSyntax(source: string): Syntax {
	const anything = repeat(character(everything), 0, Infinity);
	return choice(
		...parse(source).map(({ syntax, atStart, atEnd }) =>
			sequence(...(atStart ? [] : [anything]), syntax, ...(atEnd ? [] : [anything])),
		),
	);
}

const lineEnds = ranges([
	[10, 10],
	[13, 13],
	[0x2028, 0x2029],
]);
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };
const only = (point: number): Ranges => ranges([[point, point]]);

function parse(source: string): readonly Alternative[] {
	const refuse = (what: string, remedy: string): never => {
		throw new BackendError(
			'not-available',
			`The expression /${source}/ has ${what}, which answers cannot be held to; ${remedy}.`,
		);
	};
	try {
		new RegExp(source, 'u');
	} catch (cause) {
		throw new BackendError(
			'not-available',
			`/${source}/ is not a regular expression (${cause instanceof Error ? cause.message : String(cause)}); correct it.`,
			{ cause },
		);
	}
	// The syntax is valid from here on; the parser below only interprets it.
	const points = Array.from(source);
	let at = 0;
	const ahead = (text: string): boolean => points.slice(at, at + text.length).join('') === text;
	const eat = (text: string): boolean => {
		if (!ahead(text)) return false;
		at += text.length;
		return true;
	};
	const upTo = (end: string): string => {
		const from = at;
		while (at < points.length && points[at] !== end) at++;
		return points.slice(from, at++).join('');
	};
	const hex = (digits: number): number => {
		at += digits;
		return parseInt(points.slice(at - digits, at).join(''), 16);
	};

	/** The character set of an escape. */
	const escape = (inClass: boolean): Ranges => {
		const letter = points[at++] ?? '';
		if ('dDwWsS'.includes(letter)) return classOf(`\\${letter}`);
		if (letter === 'p' || letter === 'P') return classOf(`\\${letter}${upTo('}')}}`);
		if (letter === 'b' && inClass) return only(8);
		if (letter === 'b' || letter === 'B')
			return refuse(`the word boundary \\${letter}`, 'say which characters may stand there');
		if (letter === 'k' || /[1-9]/.test(letter))
			return refuse(`the backreference \\${letter}`, 'write the repeated part out');
		if (letter === 'c') return only((points[at++]?.codePointAt(0) ?? 0) % 32);
		if (letter === 'x') return only(hex(2));
		if (letter === 'u') {
			if (eat('{')) return only(parseInt(upTo('}'), 16));
			const unit = hex(4);
			if (unit < 0xd800 || unit > 0xdbff || !ahead('\\u')) return only(unit);
			at += 2;
			return only((unit - 0xd800) * 0x400 + hex(4) - 0xdc00 + 0x10000);
		}
		return only(controls[letter] ?? letter.codePointAt(0) ?? 0);
	};
	const member = (): Ranges => (eat('\\') ? escape(true) : only(points[at++]?.codePointAt(0) ?? 0));
	const set = (): Ranges => {
		const negated = eat('^');
		const parts: (readonly [number, number])[] = [];
		while (!eat(']')) {
			const from = member();
			if (ahead('-') && points[at + 1] !== ']') {
				at++;
				parts.push([from[0]?.[0] ?? 0, member()[0]?.[0] ?? 0]);
			} else parts.push(...from);
		}
		return negated ? complement(ranges(parts)) : ranges(parts);
	};

	let depth = 0;
	const atom = (): Syntax => {
		if (eat('[')) return character(set());
		if (eat('.')) return character(complement(lineEnds));
		if (eat('\\')) return character(escape(false));
		if (!eat('(')) return character(only(points[at++]?.codePointAt(0) ?? 0));
		for (const look of ['?=', '?!', '?<=', '?<!'])
			if (ahead(look))
				refuse(
					look.length === 2 ? `the lookahead (${look}` : `the lookbehind (${look}`,
					'say it with classes and alternatives',
				);
		if (eat('?<')) upTo('>');
		else if (eat('?') && !eat(':')) refuse('flags inside it', 'spell both cases out');
		if (++depth > 100) refuse('more than 100 groups in one another', 'write it flatter');
		const inner = choice(
			...alternatives().map(({ syntax, atStart, atEnd }) =>
				atStart || atEnd ? refuse('an anchor inside a group', 'put ^ and $ at its ends') : syntax,
			),
		);
		depth--;
		at++; // the closing parenthesis
		return inner;
	};
	const quantified = (): Syntax => {
		const part = atom();
		const times = ((): readonly [number, number] | undefined => {
			if (eat('*')) return [0, Infinity];
			if (eat('+')) return [1, Infinity];
			if (eat('?')) return [0, 1];
			if (!eat('{')) return undefined;
			const [min = '', max] = upTo('}').split(',');
			return [Number(min), max === undefined ? Number(min) : max === '' ? Infinity : Number(max)];
		})();
		if (!times) return part;
		eat('?');
		return repeat(part, ...times);
	};
	const alternatives = (): readonly Alternative[] => {
		const list: Alternative[] = [];
		do {
			const atStart = eat('^');
			let atEnd = false;
			const parts: Syntax[] = [];
			while (at < points.length && !ahead('|') && !ahead(')')) {
				if (atEnd || ahead('^')) refuse('an anchor in the middle', 'put ^ and $ at its ends');
				if (eat('$')) atEnd = true;
				else parts.push(quantified());
			}
			list.push({ syntax: sequence(...parts), atStart, atEnd });
		} while (eat('|'));
		return list;
	};
	return alternatives();
}
