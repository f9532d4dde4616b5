/**
 * @file Corrections of `@huggingface/jinja` to what jinja2 makes, by operation: text counted in code points, `capitalize`
 * and `title` that lower the rest, tuples as the entries of a dict, JSON of floats and tuples.
 */
import { printed } from './printed.ts';
import type { Operation } from './roles.ts';

/** The part of a runtime value of `@huggingface/jinja` that is read here. */
interface Typed {
	readonly type: string;
	readonly value: unknown;
}

/** A noncharacter, which no text may contain; marks a number among the texts of JSON. */
const mark = '\ufdd0';
const marked = /"(?:\ufdd0|\\ufdd0)([^"\\\ufdd0]*)(?:\ufdd0|\\ufdd0)"/g;

/** Words of jinja2's filter `title`, and of Python's method of that name. */
const word = /[^-\s({[<]+/gu;
const letters = /\p{L}+/gu;

function capitalized(text: string): string {
	const [first = '', ...rest] = text;
	return first.toUpperCase() + rest.join('').toLowerCase();
}

/** The result of an operation as jinja2 has it; the library's own if they agree. */
export function asPython<V extends Typed>(
	{ kind, name }: Pick<Operation, 'kind' | 'name'>,
	[operand]: readonly Typed[],
	[index]: readonly Typed[],
	made: V,
): V {
	const text = operand?.type === 'StringValue' ? String(operand.value) : undefined;
	switch (name) {
		case 'capitalize':
			return text === undefined ? made : withValue(made, capitalized(text));
		case 'title':
			if (text === undefined) return made;
			return withValue(made, text.replace(kind === 'filter' ? word : letters, capitalized));
		case 'length':
			return text === undefined ? made : withValue(made, [...text].length);
		case '[]':
			if (text === undefined || index?.type !== 'IntegerValue' || made.type !== 'StringValue')
				return made;
			return characterAt(text, Number(index.value), made);
		case 'items':
		case 'dictsort':
			if (operand?.type !== 'ObjectValue' || !Array.isArray(made.value)) return made;
			for (const entry of made.value as readonly Typed[])
				Object.assign(entry, { type: 'TupleValue' });
			return made;
		case 'tojson':
			return typeof made.value === 'string'
				? withValue(made, made.value.replace(marked, '$1'))
				: made;
		default:
			return made;
	}
}

/** The operand of `tojson`, with floats marked and tuples as lists. */
export function forJson<V extends Typed>(operand: V): V {
	const { type, value } = operand;
	if (type === 'StringValue' && String(value).includes(mark))
		return withValue(operand, String(value).replaceAll(mark, '\ufffd'));
	if (type === 'FloatValue' && Number.isFinite(value)) {
		const text = printed(operand) ?? String(value);
		return Object.assign(withValue(operand, mark + text + mark), { type: 'StringValue' });
	}
	if (Array.isArray(value)) {
		const items = (value as readonly Typed[]).map(forJson);
		return Object.assign(withValue(operand, items), { type: 'ArrayValue' });
	}
	if (value instanceof Map) {
		const entries = [...(value as ReadonlyMap<string, Typed>)];
		return withValue(operand, new Map(entries.map(([key, item]) => [key, forJson(item)])));
	}
	return operand;
}

/** A character by its index in code points, from the end if negative. */
function characterAt<V extends Typed>(text: string, index: number, made: V): V {
	const character = [...text].at(index);
	if (character !== undefined) return withValue(made, character);
	return Object.assign(withValue(made, undefined), { type: 'UndefinedValue' });
}

/** A copy of a value of the same class; its methods, made on first need, are not copied. */
function withValue<V extends Typed>(old: V, value: unknown): V {
	const copy = Object.create(Object.getPrototypeOf(old) as object) as V;
	return Object.assign(copy, { type: old.type, value });
}
