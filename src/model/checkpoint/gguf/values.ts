/** @file Metadata values of GGUF: numbers, booleans, texts and lists of one type. */
import type { Cursor } from './cursor.ts';

/** A value; whole numbers beyond 2⁵³ stay bigint. */
export type GgufValue = string | number | bigint | boolean | readonly GgufValue[];

/** Metadata by its key, e.g. `tokenizer.ggml.tokens`. */
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** Types of a single value in the order of their ids; 9, a list, is in between. */
export const scalarTypes = [
	'u8',
	'i8',
	'u16',
	'i16',
	'u32',
	'i32',
	'f32',
	'bool',
	'text',
	'list',
	'u64',
	'i64',
	'f64',
] as const;
/** Type of a single value. */
export type GgufScalarType = Exclude<(typeof scalarTypes)[number], 'list'>;
/** Type of a value: single, or a list. */
export type GgufType = GgufScalarType | { readonly listOf: GgufType };

/** Bytes of a number, and the minimum of a text or list. */
export const widths: Readonly<Record<(typeof scalarTypes)[number], number>> = {
	u8: 1,
	i8: 1,
	u16: 2,
	i16: 2,
	u32: 4,
	i32: 4,
	f32: 4,
	bool: 1,
	text: 8,
	list: 12,
	u64: 8,
	i64: 8,
	f64: 8,
};

const listLimit = 1 << 22;
const depthLimit = 2;
/** Numbers of a list fetched together. */
const batch = 1 << 14;

type Fail = (problem: string) => never;

/** Reads a value with its type; `what` names it in messages. */
export async function readValue(
	cursor: Cursor,
	what: string,
	fail: Fail,
): Promise<{ readonly type: GgufType; readonly value: GgufValue }> {
	return await readTyped(cursor, await readType(cursor, what, fail), what, depthLimit, fail);
}

async function readType(
	cursor: Cursor,
	what: string,
	fail: Fail,
): Promise<(typeof scalarTypes)[number]> {
	const id = await cursor.u32(what);
	return scalarTypes[id] ?? fail(`${what} has the unknown type ${id}.`);
}

async function readTyped(
	cursor: Cursor,
	type: (typeof scalarTypes)[number],
	what: string,
	depth: number,
	fail: Fail,
): Promise<{ readonly type: GgufType; readonly value: GgufValue }> {
	if (type === 'text') return { type, value: await cursor.text(what) };
	if (type !== 'list')
		return { type, value: readNumber(await cursor.take(widths[type], what), 0, type, what, fail) };
	if (depth === 0) fail(`${what} is a list inside lists, which is not supported.`);
	const inner = await readType(cursor, what, fail);
	const most = Math.min(listLimit, (cursor.left - 8) / widths[inner]);
	const length = await cursor.count(`the length of ${what}`, most);
	if (inner === 'text') return { type: { listOf: inner }, value: await cursor.texts(length, what) };
	const values: GgufValue[] = [];
	let innerType: GgufType = inner === 'list' ? { listOf: 'u8' } : inner;
	if (inner === 'list')
		for (let i = 0; i < length; i++) {
			const item = await readTyped(cursor, inner, what, depth - 1, fail);
			innerType = item.type;
			values.push(item.value);
		}
	else
		while (values.length < length) {
			const some = Math.min(batch, length - values.length);
			const view = await cursor.take(some * widths[inner], what);
			for (let i = 0; i < some; i++)
				values.push(readNumber(view, i * widths[inner], inner, what, fail));
		}
	return { type: { listOf: innerType }, value: values };
}

function readNumber(
	view: DataView,
	at: number,
	type: Exclude<GgufScalarType, 'text'>,
	what: string,
	fail: Fail,
): number | bigint | boolean {
	switch (type) {
		case 'u8':
			return view.getUint8(at);
		case 'i8':
			return view.getInt8(at);
		case 'u16':
			return view.getUint16(at, true);
		case 'i16':
			return view.getInt16(at, true);
		case 'u32':
			return view.getUint32(at, true);
		case 'i32':
			return view.getInt32(at, true);
		case 'f32':
			return view.getFloat32(at, true);
		case 'f64':
			return view.getFloat64(at, true);
		case 'u64':
			return narrow(view.getBigUint64(at, true));
		case 'i64':
			return narrow(view.getBigInt64(at, true));
		case 'bool': {
			const value = view.getUint8(at);
			return value > 1 ? fail(`${what} must be true or false, got ${value}.`) : value === 1;
		}
		default:
			return type satisfies never;
	}
}

const narrow = (value: bigint): number | bigint =>
	Number.isSafeInteger(Number(value)) ? Number(value) : value;
