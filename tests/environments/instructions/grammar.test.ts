/** @file Grammars of instructions: whatever they let through keeps the constraints, as far as the verifier can tell. */
import { expect, it, test } from 'vitest';
import { random } from '#base/random.ts';
import { hasForm, tokenForms } from '#engines/forms/token-form.ts';
import { holds, kinds } from '#environments/instructions/constraints.ts';
import { grammarOf } from '#environments/instructions/grammar.ts';
import { openEnvironment } from '#environments/registry.ts';
import { byteVocabulary, speak } from '../../engines/forms/speak.ts';

const environment = openEnvironment('instructions');

it('let the reference answer to one constraint through', () => {
	const stream = random(1);
	for (let i = 0; i < 16; i++) {
		const item = environment.tasks.draw(1, stream);
		const grammar = environment.grammar(item);
		expect(grammar && hasForm(grammar, environment.reference.solve(item))).toBe(true);
	}
});

/** Words for a model that draws at random. */
const vocabulary = byteVocabulary(
	' the kite wind and sky. A It flies\n- river light <<Title >>\n " , ."]'.split(/(?=[ "<])/),
);

test.each(Object.entries(kinds).map(([name, kind]) => [name, kind.values] as const))(
	'%s: what a model that draws at random says under its grammar keeps the constraint',
	(name, values) => {
		for (let seed = 0; seed < 5; seed++) {
			const value = values[(seed * 7) % values.length] ?? '';
			const grammar = grammarOf([`${name} ${value}`]);
			if (!grammar) throw new Error('no grammar');
			const form = tokenForms(vocabulary.bytes, vocabulary.endToken).open(grammar);
			const said = speak(form, vocabulary, random(seed));
			expect(holds(`${name} ${value}`, said), said).toBe(true);
		}
	},
);

it('of several constraints keep all of them at once', () => {
	const grammar = grammarOf(['bullets 2', 'avoid very', 'keyword river']);
	expect(grammar && hasForm(grammar, '- A river runs\n- It is wide')).toBe(true);
	expect(grammar && hasForm(grammar, '- A river runs\n- It is very wide')).toBe(false);
	expect(grammar && hasForm(grammar, '- A brook runs\n- It is wide')).toBe(false);
	expect(grammarOf([])).toBeNull();
});

test('of two or three that are drawn together, whatever they let through keeps each', () => {
	const stream = random(3);
	for (let i = 0; i < 14; i++) {
		const { constraints } = environment.tasks.draw(2 + (i % 2), stream) as {
			readonly constraints: readonly string[];
		};
		const grammar = grammarOf(constraints);
		if (!grammar) throw new Error('no grammar');
		const form = tokenForms(vocabulary.bytes, vocabulary.endToken).open(grammar);
		const said = speak(form, vocabulary, random(i));
		for (const constraint of constraints)
			expect(holds(constraint, said), `${constraint}: ${said}`).toBe(true);
	}
});

test('an answer to one constraint names the topic of its request, in any case', () => {
	const grammar = (constraint: string) =>
		environment.grammar({ request: 'Describe a paper kite.', constraints: [constraint] });
	const holdsTo = (constraint: string, said: string): boolean => {
		const form = grammar(constraint);
		return form !== null && hasForm(form, said);
	};
	expect(holdsTo('commas none', 'It flies high above the river and far.')).toBe(false);
	expect(holdsTo('commas none', 'Kites fly high above the river and far.')).toBe(true);
	expect(holdsTo('letters capital', 'IT FLIES AS A KITE OVER THE RIVER.')).toBe(true);
	expect(holdsTo('texts 2', '["A kite","It flies"]')).toBe(true);
	expect(holdsTo('texts 2', '["A river","It flies"]')).toBe(false);
});

test('an ending stands after a whole sentence', () => {
	const grammar = grammarOf(['ending That is all.']);
	expect(grammar && hasForm(grammar, 'A kite flies high in the wind. That is all.')).toBe(true);
	expect(grammar && hasForm(grammar, 'A kite flies high in the wind, 24 That is all.')).toBe(false);
});

test('a JSON answer of counted words that holds keywords stays small enough to be kept to', () => {
	for (const constraints of [
		['texts 5', 'keywords river,summer', 'most-words 70'],
		['fields steps,parts', 'keywords music,travel', 'most-words 20'],
	]) {
		const grammar = grammarOf(constraints);
		if (!grammar) throw new Error('no grammar');
		const form = tokenForms(vocabulary.bytes, vocabulary.endToken).open(grammar);
		const said = speak(form, vocabulary, random(1));
		for (const constraint of constraints) expect(holds(constraint, said), said).toBe(true);
	}
});
