/** @file What a mask costs over a vocabulary of real size, counted in nodes of its tree, and that it is right. */
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { acceptsText, automaton, dead } from '#engines/forms/automaton.ts';
import { expressionSyntax } from '#engines/forms/expression.ts';
import { everything } from '#engines/forms/ranges.ts';
import { hasToken, tokenForms } from '#engines/forms/token-form.ts';
import { tokenTree, writableCharacters } from '#engines/forms/vocabulary.ts';
import { allowedTokens, byteVocabulary, speak, textVocabulary } from './speak.ts';

/** 49,152 tokens like a trained vocabulary's: bytes, then words of syllables with and without a space before. */
function largeVocabulary() {
	const stream = random(1);
	const syllables = [
		'th',
		'e',
		'an',
		'in',
		'er',
		'o',
		're',
		'at',
		'st',
		'is',
		'ou',
		'ing',
		'é',
		'日',
		'1',
		'{"',
		'":',
		'. ',
	];
	const words = new Set<string>();
	while (words.size < 49_152 - 257) {
		const syllable = () => stream.pick(syllables);
		words.add(
			(stream.next() < 0.5 ? ' ' : '') +
				Array.from({ length: stream.integer(2, 4) }, syllable).join(''),
		);
	}
	return byteVocabulary([...words]);
}
const large = largeVocabulary();

describe('masks over 49,152 tokens', () => {
	test.each([
		['a free string', { kind: 'json-schema', schema: { type: 'string' } }],
		['a string that counts', { kind: 'json-schema', schema: { type: 'string', maxLength: 200 } }],
		['an expression', { kind: 'expression', source: '(?:[a-z]+ ){1,8}[a-z]+\\.' }],
	] as const)('look at no node of the tree twice, and at none again: %s', (_name, wanted) => {
		expect(large.bytes).toHaveLength(49_152);
		const tree = tokenTree(large.bytes);
		const form = tokenForms(large.bytes, large.endToken).open(wanted);
		let place = form.start;
		const stream = random(2);
		for (let i = 0; i < 10; i++) {
			const before = form.visited;
			const tokens = allowedTokens(form, place);
			// A look at a node is a table look-up: 20 ms are 2 million of them on a slow core.
			expect(form.visited - before).toBeLessThanOrEqual(tree.nodes);
			expect(tree.nodes).toBeLessThan(200_000);
			const after = form.visited;
			form.allowed(place);
			expect(form.visited).toBe(after);
			const token = stream.pick(tokens);
			if (token === large.endToken) break;
			place = form.after(place, token);
		}
	});

	test('skip what cannot follow: 12 digits cost a few hundred nodes', () => {
		const form = tokenForms(large.bytes, large.endToken).open({
			kind: 'expression',
			source: '\\d{12}',
		});
		form.allowed(form.start);
		expect(form.visited).toBeLessThan(500);
	});

	test('allow a token exactly where the text with it can still become an answer', () => {
		const source = '(?:the|\\{"in":) ?[^e日]{2,5}é?';
		const machine = automaton(expressionSyntax(source), everything);
		const form = tokenForms(large.bytes, large.endToken).open({ kind: 'expression', source });
		let place = form.start;
		const said: number[] = [];
		const stream = random(3);
		for (let i = 0; i < 4; i++) {
			const set = form.allowed(place);
			for (const [token, bytes] of large.bytes.entries()) {
				let state = 0;
				for (const byte of [...said, ...(bytes ?? [])]) state = machine.next(state, byte);
				const wanted = bytes ? state !== dead : machine.accepts(state);
				if (hasToken(set, token) !== wanted)
					expect([token, hasToken(set, token)]).toEqual([token, wanted]);
			}
			const token = stream.pick(allowedTokens(form, place).filter((t) => t !== large.endToken));
			said.push(...(large.bytes[token] ?? []));
			place = form.after(place, token);
		}
		const answer = speak(form, large, random(4));
		expect(acceptsText(machine, answer)).toBe(true);
	});
});

describe('a vocabulary', () => {
	test('is a tree in which every token is found once, at its own bytes', () => {
		const { bytes } = textVocabulary(['ab', 'a', 'abc', 'b', 'ab', '', 'é']);
		const tree = tokenTree(bytes);
		expect([...tree.tokens].sort()).toEqual([0, 1, 2, 3, 4, 6]);
		const path: number[] = [];
		for (let node = 0; node < tree.nodes; node++) {
			path.length = (tree.depths[node] ?? 1) - 1;
			path.push(tree.bytes[node] ?? 0);
			const here = tree.tokens.slice(tree.firstToken[node], tree.firstToken[node + 1]);
			for (const token of here) expect(Array.from(bytes[token] ?? [])).toEqual(path);
			expect(tree.after[node]).toBeGreaterThan(node);
		}
	});

	test('writes every character if it has every byte, and otherwise those that are tokens', () => {
		expect(writableCharacters(byteVocabulary([]).bytes)).toEqual(everything);
		expect(writableCharacters(textVocabulary(['b', 'a', 'xyz', '日']).bytes)).toEqual([
			[97, 98],
			[0x65e5, 0x65e5],
		]);
	});
});
