/** @file JSON codec of records that preserves every number, NaN and the infinities included. */

const tag = '$number';
const special: Readonly<Record<string, number>> = {
	NaN: Number.NaN,
	Infinity: Number.POSITIVE_INFINITY,
	'-Infinity': Number.NEGATIVE_INFINITY,
};

/** Plain data as one line of JSON. Bytes are refused, since they belong into files. */
export function toJson(value: unknown): string {
	return JSON.stringify(value, (_key, item: unknown) => {
		if (typeof item === 'number' && !Number.isFinite(item)) return { [tag]: String(item) };
		if (ArrayBuffer.isView(item))
			throw new TypeError('Records hold plain data: write bytes to a file and name it.');
		return item;
	});
}

/** Throws a SyntaxError if the text is no JSON. */
export function fromJson(text: string): unknown {
	// a reviver makes parsing several times slower, and is seldom needed
	return text.includes(tag) ? JSON.parse(text, revive) : JSON.parse(text);
}

function revive(_key: string, item: unknown): unknown {
	if (typeof item !== 'object' || item === null || !Object.hasOwn(item, tag)) return item;
	const name: unknown = Reflect.get(item, tag);
	return typeof name === 'string' && Object.keys(item).length === 1
		? (special[name] ?? item)
		: item;
}
