/**
 * @file Parser of regular expressions in JavaScript's flag `u`, as `@huggingface/tokenizers` writes them.
 *
 * Everything but backreferences and inline flags. A character class stays text: JavaScript itself says what is in it.
 */

/** Syntax tree of an expression. */
export type Node =
	/** One character; `source` is a class, an escape or a literal. */
	| { readonly kind: 'character'; readonly source: string }
	| { readonly kind: 'sequence'; readonly parts: readonly Node[] }
	/** The first that matches counts. */
	| { readonly kind: 'choice'; readonly options: readonly Node[] }
	| {
			readonly kind: 'repeat';
			readonly part: Node;
			readonly min: number;
			/** May be Infinity. */
			readonly max: number;
			readonly isLazy: boolean;
	  }
	| {
			readonly kind: 'look';
			readonly part: Node;
			readonly isBehind: boolean;
			readonly isNegative: boolean;
	  }
	/** Start or end of the text. */
	| { readonly kind: 'edge'; readonly at: 'start' | 'end' };

const deepest = 64;

/** Parses an expression that `new RegExp(source, 'u')` accepts; `refuse` throws, given what is not supported. */
export function parseExpression(source: string, refuse: (what: string) => never): Node {
	let at = 0;
	let depth = 0;
	const eat = (text: string): boolean => {
		if (!source.startsWith(text, at)) return false;
		at += text.length;
		return true;
	};
	const upTo = (end: string): string => {
		const from = at;
		at = source.indexOf(end, from) + end.length;
		return source.slice(from, at - end.length);
	};
	const group = (): Node => {
		const look = ['?=', '?!', '?<=', '?<!'].find(eat);
		if (look === undefined && eat('?')) {
			if (eat('<')) upTo('>');
			else if (!eat(':')) refuse('flags inside it');
		}
		if (++depth > deepest) refuse(`more than ${deepest} groups in one another`);
		const part = choice();
		depth--;
		at++; // the closing parenthesis
		return look === undefined
			? part
			: { kind: 'look', part, isBehind: look.includes('<'), isNegative: look.endsWith('!') };
	};
	const escape = (): Node => {
		const from = at++;
		const letter = source[at++] ?? '';
		if (letter === 'k' || /[1-9]/.test(letter)) refuse(`the backreference \\${letter}`);
		if (letter === 'b' || letter === 'B') refuse(`the word boundary \\${letter}`);
		if ('pP'.includes(letter) || (letter === 'u' && source[at] === '{')) upTo('}');
		else if (letter === 'u') {
			at += 4;
			// A pair of surrogates is one character.
			if (/^\\u[dD][c-fC-F]/.test(source.slice(at, at + 4)) && isHigh(source.slice(from, at)))
				at += 6;
		} else if (letter === 'x') at += 2;
		else if (letter === 'c') at++;
		return { kind: 'character', source: source.slice(from, at) };
	};
	const set = (): Node => {
		const from = at++;
		while (source[at] !== ']') at += source[at] === '\\' ? 2 : 1;
		at++;
		return { kind: 'character', source: source.slice(from, at) };
	};
	const atom = (): Node => {
		if (eat('(')) return group();
		if (eat('^')) return { kind: 'edge', at: 'start' };
		if (eat('$')) return { kind: 'edge', at: 'end' };
		if (source[at] === '[') return set();
		if (source[at] === '\\') return escape();
		const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
		at += character.length;
		return { kind: 'character', source: character };
	};
	const quantified = (): Node => {
		const part = atom();
		let [min, max] = [1, 1];
		if (eat('*')) [min, max] = [0, Infinity];
		else if (eat('+')) max = Infinity;
		else if (eat('?')) min = 0;
		else if (eat('{')) {
			const [least = '', most] = upTo('}').split(',');
			min = Number(least);
			max = most === undefined ? min : most === '' ? Infinity : Number(most);
		} else return part;
		return { kind: 'repeat', part, min, max, isLazy: eat('?') };
	};
	const sequence = (): Node => {
		const parts: Node[] = [];
		while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(quantified());
		return { kind: 'sequence', parts };
	};
	const choice = (): Node => {
		const options = [sequence()];
		while (eat('|')) options.push(sequence());
		return { kind: 'choice', options };
	};
	return choice();
}

const isHigh = (escape: string): boolean => /^\\u[dD][89abAB]/.test(escape);

/** The least number of characters that a match has. */
export function leastLength(node: Node): number {
	switch (node.kind) {
		case 'character':
			return 1;
		case 'sequence':
			return node.parts.reduce((sum, part) => sum + leastLength(part), 0);
		case 'choice':
			return node.options.reduce((least, option) => Math.min(least, leastLength(option)), Infinity);
		case 'repeat':
			return node.min === 0 ? 0 : node.min * leastLength(node.part);
		default:
			return 0;
	}
}
