/**
 * @file Schemas of data from outside, on valibot: the primitives that stored types are made of, and reading by them.
 *
 * The messages are clauses that follow the place: `run.recipe.seed` + `is not a whole number`.
 */
import * as v from 'valibot';

/** A schema with output T for unknown input. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** Characters of one text: far more than any task, answer or message has. */
const longest = 1 << 20;
/** Levels of nesting in JSON whose shape is checked elsewhere. */
const deepest = 64;

export const text = v.pipe(v.string('is not text'), v.maxLength(longest, 'is too long'));
/** Any number, NaN and the infinities among them. */
export const number = v.custom<number>((value) => typeof value === 'number', 'is not a number');
export const finite = v.custom<number>(Number.isFinite, 'is not a finite number');
/** A whole number that is held exactly. */
export const whole = v.custom<number>(Number.isSafeInteger, 'is not a whole number');
/** A whole number from 0. */
export const count = v.custom<number>(
	(value) => Number.isSafeInteger(value) && Number(value) >= 0,
	'is not a whole number',
);
export const flag = v.boolean('is neither true nor false');

export const oneOf = <const T extends string>(options: readonly T[]) =>
	v.picklist(options, `is not one of ${options.join(', ')}`);

export const list = <const S extends v.GenericSchema>(item: S) => v.array(item, 'is not a list');

/** The value if it is valid, else undefined: for optional parts. See `withoutGaps`. */
export const lenient = <const S extends v.GenericSchema>(schema: S) =>
	v.fallback(v.optional(schema), undefined);

/** The object without the keys that `lenient` left undefined. */
export const withoutGaps = <T extends object>(value: T): WithoutGaps<T> =>
	Object.fromEntries(
		Object.entries(value).filter(([, item]) => item !== undefined),
	) as WithoutGaps<T>;

type WithoutGaps<T> = { [K in keyof T]: Exclude<T[K], undefined> };

const notAnObject = ({ expected }: { readonly expected: string | null }): string =>
	expected === 'Object' ? 'is not an object' : 'is missing';

/** An object with these entries; a parsed copy has no others. A list is none as long as one entry is required. */
export const object = <const E extends v.ObjectEntries>(entries: E) =>
	v.object(entries, notAnObject);

/** A JSON object with any keys and values. */
export const anyObject = v.custom<Readonly<Record<string, unknown>>>(
	(value) => typeof value === 'object' && value !== null && !Array.isArray(value),
	'is not an object',
);

/** An object of any keys with values of one schema; keys that would change the object itself are refused. */
export const dictionary = <const S extends v.GenericSchema>(value: S) =>
	v.pipe(json, v.record(v.string(), value, 'is not an object'));

/** Any JSON, not too deep, without `__proto__` as a key. */
export const json = v.pipe(
	v.unknown(),
	v.rawCheck(({ dataset, addIssue }) => {
		const flaw = flawOfJson(dataset.value);
		if (flaw !== undefined) addIssue({ message: flaw });
	}),
);

function flawOfJson(value: unknown): string | undefined {
	const rest: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
	for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
		if (typeof next.value !== 'object' || next.value === null) continue;
		if (next.depth === deepest) return 'is nested too deeply';
		if (Object.hasOwn(next.value, '__proto__')) return 'has a forbidden key';
		for (const item of Object.values(next.value) as unknown[])
			rest.push({ value: item, depth: next.depth + 1 });
	}
	return undefined;
}

/** A parsed copy of the value; throws the error that `fail` makes of the first issue, a clause. */
export function read<T>(
	schema: Schema<T>,
	value: unknown,
	what: string,
	fail: (flaw: string) => Error,
): T {
	const result = v.safeParse(schema, value, { abortEarly: true });
	if (result.success) return result.output;
	const [{ path = [], message }] = result.issues;
	throw fail(`${what}${path.map(({ key }) => step(key)).join('')} ${message}`);
}

const step = (key: unknown): string =>
	typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 80)}`;

/** A copy as `read` gives it; undefined if anything is wrong. */
export function readOr<T>(schema: Schema<T>, value: unknown): T | undefined {
	const result = v.safeParse(schema, value, { abortEarly: true });
	return result.success ? result.output : undefined;
}

/** True if the value itself passes; only for schemas that transform nothing. Keys that the schema lacks are allowed. */
export const matches = <T>(schema: Schema<T>, value: unknown): value is T =>
	v.safeParse(schema, value, { abortEarly: true }).success;
