/** @file Answers held to JSON schemas parse, and are what the schema says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { hasForm, tokenForms } from '#engines/forms/token-form.ts';
import { byteVocabulary, speak } from './speak.ts';

const form = (schema: unknown) => ({ kind: 'json-schema', schema }) as const;

interface Known {
	readonly type?: string;
	readonly [keyword: string]: unknown;
}

/** JSON Schema's own rules for the keywords below, written apart from what is tested. */
function valid(value: unknown, schema: Known): boolean {
	if (schema['anyOf']) return (schema['anyOf'] as Known[]).some((option) => valid(value, option));
	const same = (other: unknown) => JSON.stringify(other) === JSON.stringify(value);
	if ('const' in schema) return same(schema['const']);
	if (schema['enum']) return (schema['enum'] as unknown[]).some(same);
	const least = (name: string) => (schema[name] as number | undefined) ?? 0;
	const most = (name: string) => (schema[name] as number | undefined) ?? Infinity;
	switch (schema.type) {
		case 'object': {
			if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
			const properties = schema['properties'] as Readonly<Record<string, Known>>;
			const names = Object.keys(value);
			const order = names.map((name) => Object.keys(properties).indexOf(name));
			return (
				order.every((place, i) => place >= 0 && place >= (order[i - 1] ?? 0)) &&
				(schema['required'] as string[]).every((name) => names.includes(name)) &&
				Object.entries(value).every(([name, inner]) => valid(inner, properties[name] ?? {}))
			);
		}
		case 'array':
			return (
				Array.isArray(value) &&
				value.length >= least('minItems') &&
				value.length <= most('maxItems') &&
				value.every((item) => valid(item, schema['items'] as Known))
			);
		case 'string': {
			if (typeof value !== 'string' || !value.isWellFormed()) return false;
			const length = Array.from(value).length;
			const pattern = schema['pattern'] as string | undefined;
			return (
				length >= least('minLength') &&
				length <= most('maxLength') &&
				(pattern === undefined || new RegExp(pattern, 'u').test(value))
			);
		}
		case 'integer':
			return (
				Number.isSafeInteger(value) &&
				(value as number) >= ((schema['minimum'] as number | undefined) ?? -Infinity) &&
				(value as number) <= most('maximum')
			);
		case 'number':
			return Number.isFinite(value);
		case 'boolean':
			return typeof value === 'boolean';
		default:
			return value === null;
	}
}

const count = fc.nat(3);
const name = fc.string({
	unit: fc.constantFrom('a', 'b', 'é', '"', '\\', '😀', ' '),
	maxLength: 3,
});
const leaf = fc.oneof(
	fc.constantFrom<Known>(
		{ type: 'integer' },
		{ type: 'number' },
		{ type: 'boolean' },
		{ type: 'null' },
	),
	fc
		.tuple(count, count)
		.map(([a, b]): Known => ({ type: 'string', minLength: Math.min(a, b), maxLength: a + b })),
	fc
		.tuple(fc.integer({ min: -20, max: 20 }), count)
		.map(([a, b]): Known => ({ type: 'integer', minimum: a, maximum: a + b })),
	fc
		.constantFrom('^a+$', '^[^x]{2}', '"|\\\\', '^\\s$', 'é$', '^.$')
		.map((pattern): Known => ({ type: 'string', pattern })),
	fc
		.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 3 })
		.map((values): Known => ({ enum: values })),
	fc.jsonValue({ maxDepth: 1 }).map((value): Known => ({ const: value })),
);
const { schema: schemas } = fc.letrec<{ schema: Known }>((tie) => ({
	schema: fc.oneof(
		{ depthSize: 'small', withCrossShrink: true },
		leaf,
		fc.tuple(tie('schema'), count, count).map(([items, a, b]): Known => ({
			type: 'array',
			items,
			minItems: Math.min(a, b),
			maxItems: Math.max(a, b),
		})),
		fc
			.array(tie('schema'), { minLength: 1, maxLength: 2 })
			.map((options): Known => ({ anyOf: options })),
		fc.array(fc.tuple(name, tie('schema'), fc.boolean()), { maxLength: 4 }).map((parts): Known => {
			const properties = Object.fromEntries(parts.map(([key, schema]) => [key, schema]));
			const required = new Set(parts.filter(([, , needed]) => needed).map(([key]) => key));
			return { type: 'object', properties, required: [...required] };
		}),
	),
}));

describe('schemas', () => {
	test('hold every answer drawn through their masks to valid JSON', () => {
		const vocabulary = byteVocabulary([
			'{"',
			'":',
			'", "',
			'"}',
			'[[',
			']]',
			', ',
			'10',
			'é',
			'tr',
			'\\u00',
			'😀',
		]);
		const forms = tokenForms(vocabulary.bytes, vocabulary.endToken);
		fc.assert(
			fc.property(schemas, fc.nat(), (schema, seed) => {
				const said = speak(forms.open(form(schema)), vocabulary, random(seed), 40);
				expect([said, valid(JSON.parse(said), schema)]).toEqual([said, true]);
			}),
			{ numRuns: 100 },
		);
	});

	const person = {
		title: 'A person',
		type: 'object',
		properties: {
			name: { type: 'string', maxLength: 20 },
			age: { type: 'integer', minimum: 0, maximum: 150 },
			tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 2 },
			note: { type: ['string', 'null'] },
		},
		required: ['name', 'note'],
		additionalProperties: false,
	};

	test.each([
		['{"name":"Ada","note":null}', true],
		['{"name": "Ada \\"L\\" \\u00e9", "age": 36, "tags": ["a", "b"], "note": "x"}', true],
		['{"name":"Ada","tags":[],"note":null}', true],
		['{"note":null,"name":"Ada"}', false],
		['{"name":"Ada","age":151,"note":null}', false],
		['{"name":"Ada","tags":["a","b","a"],"note":null}', false],
		['{"name":"Ada","more":1,"note":null}', false],
		['{"name":"Ada",,"note":null}', false],
		['{"name":"Ada","note":null,}', false],
		['{"name":"\\ud800","note":null}', false],
		['{"name":"line\nbreak","note":null}', false],
		['{ "name":"Ada","note":null}', false],
	])('take %s: %s', (text, taken) => {
		expect(hasForm(form(person), text)).toBe(taken);
	});

	test('follow references within the schema', () => {
		const schema = {
			$defs: {
				'a/b': { type: 'boolean' },
				pair: { type: 'array', items: { $ref: '#/$defs/a~1b' }, minItems: 2, maxItems: 2 },
			},
			type: 'object',
			properties: { one: { $ref: '#/$defs/pair' }, two: { $ref: '#/$defs/pair' } },
		};
		expect(hasForm(form(schema), '{"one":[true,false],"two":[true, true]}')).toBe(true);
		expect(hasForm(form(schema), '{"one":[true]}')).toBe(false);
	});

	test.each([
		[{}, '#: allows anything; give it a type'],
		[{ type: 'object' }, '#: an object needs "properties"'],
		[{ type: 'array', items: { type: 'text' } }, '#/items: type "text" is unknown'],
		[
			{ type: 'array', items: { type: 'string' }, uniqueItems: true },
			'"uniqueItems" is not supported for array',
		],
		[{ type: 'number', minimum: 3 }, '"minimum" is not supported for number'],
		[{ type: 'integer', minimum: 0 }, 'minimum needs maximum'],
		[{ type: 'integer', minimum: 0, maximum: 1e9 }, '1,000 apart'],
		[{ type: 'string', format: 'date' }, '"format" is not supported for string'],
		[{ type: 'string', pattern: '^a', maxLength: 3 }, 'a length beside "pattern"'],
		[{ type: 'string', pattern: '(?=a)' }, 'the lookahead (?='],
		[{ type: 'string', minLength: 3, maxLength: 2 }, 'minLength is above maxLength'],
		[{ oneOf: [{ type: 'string' }] }, '"oneOf" is not supported here'],
		[{ allOf: [{ type: 'string' }] }, '"allOf" is not supported here'],
		[{ enum: [1], maximum: 3 }, '"maximum" beside "enum"'],
		[{ type: 'string', enum: [1] }, 'no value of the list has the type'],
		[
			{ type: 'object', properties: { a: { type: 'null' } }, required: ['b'] },
			'"b" is required but not among',
		],
		[
			{ $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' },
			'leads back to itself',
		],
		[{ $ref: 'https://example.com/schema' }, 'leads elsewhere'],
		[{ $ref: '#/$defs/none' }, 'leads nowhere'],
		[true, 'must be an object'],
		[null, 'must be an object'],
	])('refuse %j by name', (schema, named) => {
		expect(() => hasForm(form(schema), '')).toThrow(named);
	});

	test('refuse what has no end', () => {
		let deep: unknown = { type: 'null' };
		for (let i = 0; i < 1000; i++) deep = { type: 'array', items: deep };
		expect(() => hasForm(form(deep), '')).toThrow(/more than 64 deep/);
	});
});
