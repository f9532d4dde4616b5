/**
 * @file JSON schemas as syntax of the values they allow.
 *
 * Supported: `type` (one or several), `properties` (always in their order) with `required`, `items` with `minItems` and
 * `maxItems`, `minLength`, `maxLength` or `pattern`, `minimum` with `maximum` for integers at most 1,000 apart, `enum`,
 * `const`, `anyOf`, and non-recursive `$ref` within the schema. Every other keyword that restricts is refused by name.
 * Unnamed properties are never written, so `additionalProperties` is ignored.
 */
import { BackendError } from '#base/backend-error.ts';
import { workBudget, type Budget } from '#base/untrusted/budget.ts';
import { workLimits } from '#base/limits.ts';
import { cut, quote } from '#base/untrusted/quote.ts';
import { searchSyntax } from './expression.ts';
import {
	colon,
	comma,
	integerSyntax,
	numberSyntax,
	quotedSyntax,
	stringSyntax,
} from './json-text.ts';
import { choice, literal, repeat, sequence, type Syntax } from './syntax.ts';

type Schema = Readonly<Record<string, unknown>>;
const isSchema = (value: unknown): value is Schema =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords that restrict nothing. */
const annotations = new Set(
	'$schema $id $comment $defs definitions title description default examples deprecated readOnly writeOnly'.split(
		' ',
	),
);
/** Supported keywords by type. */
const keywords: Readonly<Record<string, readonly string[]>> = {
	object: ['properties', 'required', 'additionalProperties'],
	array: ['items', 'minItems', 'maxItems'],
	string: ['minLength', 'maxLength', 'pattern'],
	integer: ['minimum', 'maximum'],
	number: [],
	boolean: [],
	null: [],
};
const deepest = 64;

interface Place {
	/** JSON pointer, for messages. */
	readonly path: string;
	readonly depth: number;
	readonly root: unknown;
	/** Chain of `$ref`s up to here. */
	readonly through: readonly string[];
	/** Spent by each part, every time that a `$ref` leads to it: `$defs` that double are few bytes. */
	readonly budget: Budget;
}

/** Syntax of the values that a schema allows; spaces only after commas and colons, one at most. */
export const schemaSyntax = (schema: unknown): Syntax =>
	valueSyntax(schema, {
		path: '#',
		depth: 0,
		root: schema,
		through: [],
		budget: workBudget(
			workLimits.schema,
			'The JSON schema',
			'make it smaller, or refer to fewer definitions at once.',
		),
	});

function refuse(at: Place, problem: string): never {
	throw new BackendError('not-available', `JSON schema, ${cut(at.path)}: ${problem}`);
}

const below = (at: Place, ...names: readonly (string | number)[]): Place => ({
	...at,
	path: [at.path, ...names].join('/'),
	depth: at.depth + 1,
});

function valueSyntax(schema: unknown, at: Place): Syntax {
	at.budget.spend(1);
	if (at.depth > deepest) refuse(at, `is more than ${deepest} deep; make it flatter.`);
	if (!isSchema(schema))
		return refuse(at, 'must be an object such as {"type": "string"}; say what is allowed there.');
	const used = Object.keys(schema).filter(
		(name) => schema[name] !== undefined && !annotations.has(name),
	);
	/** Refuses keywords beside one that decides alone. */
	const alone = (...names: readonly string[]): void => {
		const other = used.find((name) => !names.includes(name));
		if (other !== undefined)
			refuse(at, `"${other}" beside "${names[0] ?? ''}" is not supported; leave one of them out.`);
	};
	if (schema['$ref'] !== undefined) {
		alone('$ref');
		return followed(schema['$ref'], at);
	}
	if (Array.isArray(schema['anyOf'])) {
		alone('anyOf');
		if (schema['anyOf'].length === 0) refuse(at, 'anyOf is empty; name what is allowed.');
		const options: readonly unknown[] = schema['anyOf'];
		return choice(...options.map((option, i) => valueSyntax(option, below(at, 'anyOf', i))));
	}
	const types = typesOf(schema, used, at);
	const listed: unknown = 'const' in schema ? [schema['const']] : schema['enum'];
	if (listed !== undefined) {
		alone('const' in schema ? 'const' : 'enum', 'type');
		if (!Array.isArray(listed)) return refuse(at, 'enum must be a list of values.');
		const values = listed.filter(
			(value) => types.length === 0 || types.some((t) => isOf(value, t)),
		);
		if (values.length === 0) refuse(at, 'no value of the list has the type; correct either.');
		at.budget.spend(values.length);
		return choice(...values.map((value) => literal(jsonOf(value, at))));
	}
	const known = types.flatMap((type) => keywords[type] ?? []);
	for (const name of used)
		if (name !== 'type' && !known.includes(name))
			refuse(
				at,
				`"${name}" is not supported ${types.length > 0 ? `for ${types.join(' or ')}` : 'here'}; leave it out, or say it with enum, pattern, anyOf or lengths.`,
			);
	if (types.length === 0) refuse(at, 'allows anything; give it a type.');
	return choice(...types.map((type) => typeSyntax(type, schema, at)));
}

function jsonOf(value: unknown, at: Place): string {
	try {
		return JSON.stringify(value);
	} catch {
		return refuse(at, 'a listed value is nested too deeply; make it flatter.');
	}
}

/** The types named, or the one implied by the keywords. */
function typesOf(schema: Schema, used: readonly string[], at: Place): readonly string[] {
	const { type } = schema;
	if (type === undefined) {
		const meant = ['object', 'array', 'string'].filter((name) =>
			keywords[name]?.some((keyword) => used.includes(keyword)),
		);
		return meant.slice(0, 1);
	}
	const named: readonly unknown[] = Array.isArray(type) ? type : [type];
	return named.map((name) =>
		typeof name === 'string' && Object.hasOwn(keywords, name)
			? name
			: refuse(at, `type ${quote(name)} is unknown; use ${Object.keys(keywords).join(', ')}.`),
	);
}

function isOf(value: unknown, type: string): boolean {
	if (type === 'null') return value === null;
	if (type === 'array') return Array.isArray(value);
	if (type === 'integer') return Number.isInteger(value);
	return typeof value === type && value !== null && !Array.isArray(value);
}

function typeSyntax(type: string, schema: Schema, at: Place): Syntax {
	const count = (name: string, fallback: number): number => {
		const value = schema[name] ?? fallback;
		if (typeof value !== 'number' || (value !== Infinity && !Number.isInteger(value)) || value < 0)
			return refuse(at, `${name} must be a whole number from 0.`);
		return value;
	};
	const counts = (min: string, max: string): readonly [number, number] => {
		const [least, most] = [count(min, 0), count(max, Infinity)];
		if (least > most) refuse(at, `${min} is above ${max}; correct either.`);
		return [least, most];
	};
	switch (type) {
		case 'object':
			return objectSyntax(schema, at);
		case 'array': {
			const [least, most] = counts('minItems', 'maxItems');
			if (most === 0) return literal('[]');
			const item = valueSyntax(schema['items'], below(at, 'items'));
			return sequence(literal('['), repeat(item, least, most, comma), literal(']'));
		}
		case 'string': {
			const { pattern } = schema;
			if (pattern === undefined) return stringSyntax(...counts('minLength', 'maxLength'));
			if (typeof pattern !== 'string') return refuse(at, 'pattern must be text.');
			if (schema['minLength'] !== undefined || schema['maxLength'] !== undefined)
				refuse(at, 'a length beside "pattern" is not supported; say it in the pattern.');
			return quotedSyntax(searchSyntax(pattern));
		}
		case 'integer':
			return integersSyntax(schema, at);
		case 'number':
			return numberSyntax;
		case 'boolean':
			return choice(literal('true'), literal('false'));
		default:
			return literal('null');
	}
}

function integersSyntax({ minimum, maximum }: Schema, at: Place): Syntax {
	if (minimum === undefined && maximum === undefined) return integerSyntax;
	if (typeof minimum !== 'number' || typeof maximum !== 'number')
		return refuse(at, 'minimum needs maximum, and both must be numbers.');
	const [from, to] = [Math.ceil(minimum), Math.floor(maximum)];
	if (from > to) refuse(at, 'no integer lies between minimum and maximum; correct either.');
	if (!(to - from <= 1000))
		refuse(at, 'minimum and maximum may be 1,000 apart at most; leave them out, or narrow them.');
	at.budget.spend(to - from);
	return choice(
		...Array.from({ length: to - from + 1 }, (_, i) => literal(JSON.stringify(from + i))),
	);
}

function objectSyntax(schema: Schema, at: Place): Syntax {
	const { properties, required = [] } = schema;
	if (!isSchema(properties)) return refuse(at, 'an object needs "properties"; name them.');
	if (!Array.isArray(required)) return refuse(at, 'required must be a list of names.');
	const needed: readonly unknown[] = required;
	const stray = needed.find((name) => typeof name !== 'string' || !Object.hasOwn(properties, name));
	if (stray !== undefined)
		refuse(at, `${quote(stray)} is required but not among the properties; describe it.`);
	return sequence(
		literal('{'),
		{
			kind: 'listing',
			parts: Object.entries(properties).map(([name, value]) => ({
				part: sequence(
					literal(JSON.stringify(name)),
					colon,
					valueSyntax(value, below(at, 'properties', name)),
				),
				optional: !needed.includes(name),
			})),
			separator: comma,
		},
		literal('}'),
	);
}

function followed(reference: unknown, at: Place): Syntax {
	if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference))
		return refuse(at, `$ref ${quote(reference)} leads elsewhere; only "#/…" is supported.`);
	if (at.through.includes(reference) || reference === '#')
		return refuse(at, `$ref "${reference}" leads back to itself, which is not supported; nest it.`);
	let target = at.root;
	for (const part of reference.split('/').slice(1)) {
		const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
		target =
			typeof target === 'object' && target !== null && Object.hasOwn(target, name)
				? new Map<string, unknown>(Object.entries(target)).get(name)
				: refuse(at, `$ref "${reference}" leads nowhere; correct it.`);
	}
	return valueSyntax(target, {
		...at,
		path: reference,
		depth: at.depth + 1,
		through: [...at.through, reference],
	});
}
