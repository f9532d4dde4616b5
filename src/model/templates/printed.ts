/**
 * @file Text of a value in `{{ … }}` as jinja2 prints it, which is Python's: `True`, `None`, `1.0`, `['a', 1]`. The library
 * prints JavaScript's words and leaves `none` out, which a model was not trained on.
 */

/** The part of a runtime value of `@huggingface/jinja` that is printed. */
interface Printable {
	readonly type: string;
	readonly value: unknown;
}

/** The printed text; undefined if the library prints the same. */
export function printed({ type, value }: Printable): string | undefined {
	switch (type) {
		case 'BooleanValue':
			return value === true ? 'True' : 'False';
		case 'NullValue':
			return 'None';
		case 'FloatValue':
			return typeof value === 'number' ? float(value) : undefined;
		case 'ArrayValue':
		case 'TupleValue':
		case 'ObjectValue':
			return literal({ type, value });
		default:
			return undefined;
	}
}

/** Python's `repr` of a float: always with a point or an exponent. */
const float = (value: number): string =>
	Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);

/** Python's `repr`. */
function literal({ type, value }: Printable): string {
	if (type === 'StringValue') return quoted(String(value));
	if (Array.isArray(value)) {
		const items = (value as readonly Printable[]).map(literal);
		if (type !== 'TupleValue') return `[${items.join(', ')}]`;
		return `(${items.join(', ')}${items.length === 1 ? ',' : ''})`;
	}
	if (value instanceof Map) {
		const entries = [...(value as ReadonlyMap<string, Printable>)];
		return `{${entries.map(([key, item]) => `${quoted(key)}: ${literal(item)}`).join(', ')}}`;
	}
	return printed({ type, value }) ?? (type === 'UndefinedValue' ? '' : String(value));
}

const escapes: Readonly<Record<string, string>> = {
	'\\': '\\\\',
	'\n': '\\n',
	'\r': '\\r',
	'\t': '\\t',
};

/** In single quotes, or in double ones where only single ones occur. */
function quoted(text: string): string {
	const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
	const inner = text.replace(/[\\\n\r\t]/g, (sign) => escapes[sign] ?? sign);
	return `${mark}${mark === "'" ? inner.replaceAll("'", "\\'") : inner}${mark}`;
}
