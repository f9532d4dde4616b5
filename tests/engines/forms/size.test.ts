/** @file Forms that are small to say and large to hold are refused by their size. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { acceptsText, automaton } from '#engines/forms/automaton.ts';
import { expressionSyntax } from '#engines/forms/expression.ts';
import { everything } from '#engines/forms/ranges.ts';
import { schemaSyntax } from '#engines/forms/schema.ts';

describe('a JSON schema', () => {
	it('whose definitions double is refused by its size', () => {
		const $defs: Record<string, unknown> = { d23: { type: 'null' } };
		for (let i = 0; i < 23; i++) {
			const next = { $ref: `#/$defs/d${i + 1}` };
			$defs[`d${i}`] = { anyOf: [next, next] };
		}
		const begun = performance.now();
		expect(() => schemaSyntax({ $ref: '#/$defs/d0', $defs })).toThrow(
			'The JSON schema takes more than 20,000 steps of work; make it smaller',
		);
		expect(performance.now() - begun).toBeLessThan(2000);
	});

	it('with a value nested 10,000 deep is refused by name', () => {
		let deep: unknown = 1;
		for (let i = 0; i < 10_000; i++) deep = [deep];
		expect(() => schemaSyntax({ const: deep })).toThrow('JSON schema, #: a listed value is nested');
		expect(() => schemaSyntax({ type: deep })).toThrow('type [[[[…]]]] is unknown');
		expect(() => schemaSyntax({ $ref: deep })).toThrow('$ref [[[[…]]]] leads elsewhere');
	});
});

describe('an automaton', () => {
	it('whose states are large is refused before they fill the memory', () => {
		const machine = automaton(expressionSyntax('(a|b)*a(a|b){5000}'), everything);
		const chance = random(7);
		const text = Array.from({ length: 30_000 }, () => (chance.next() < 0.5 ? 'a' : 'b')).join('');
		const before = process.memoryUsage().rss;
		expect(() => acceptsText(machine, text)).toThrow('The form of the answer takes more than');
		expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
	}, 20_000);
});
