/** @file Metadata values of GGUF: numbers, booleans, texts and lists of one type. */
import type { Budget } from '#base/untrusted/budget.ts';
import type { Cursor } from './cursor.ts';

/** List classes of the number types; a file may hold millions of bytes in one list. Booleans are 0 and 1. */
const numberLists = {
	u8: Uint8Array,
	i8: Int8Array,
	u16: Uint16Array,
	i16: Int16Array,
	u32: Uint32Array,
	i32: Int32Array,
	f32: Float32Array,
	bool: Uint8Array,
	u64: BigUint64Array,
	i64: BigInt64Array,
	f64: Float64Array,
} as const;

/** A list of numbers of one type. */
export type NumberList = InstanceType<(typeof numberLists)[keyof typeof numberLists]>;

/** A value; a single whole number beyond 2⁵³ stays bigint. */
export type GgufValue = string | number | bigint | boolean | readonly GgufValue[] | NumberList;

/** Type guard for a list of numbers, as the reader makes it or as plain numbers. */
export function isNumbers(value: unknown): value is ArrayLike<number> {
	if (Array.isArray(value)) return value.every((item) => typeof item === 'number');
	return (
		ArrayBuffer.isView(value) &&
		!(
			value instanceof DataView ||
			value instanceof BigInt64Array ||
			value instanceof BigUint64Array
		)
	);
}

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
/** Bytes of a list of numbers fetched together. */
const batch = 1 << 17;
/** Bytes that a text and a list take in memory beside their content. */
const overhead = { text: 32, list: 256 };

type Fail = (problem: string) => never;

/** A reader of values: the file, its account, and how it refuses. */
export interface ValueReader {
	readonly cursor: Cursor;
	readonly budget: Budget;
	readonly fail: Fail;
}

/** Reads a value with its type; `what` names it in messages. */
export async function readValue(
	reader: ValueReader,
	what: string,
): Promise<{ readonly type: GgufType; readonly value: GgufValue }> {
	return await readTyped(reader, await readType(reader, what), what, depthLimit);
}

async function readType(
	{ cursor, fail }: ValueReader,
	what: string,
): Promise<(typeof scalarTypes)[number]> {
	const id = await cursor.u32(what);
	return scalarTypes[id] ?? fail(`${what} has the unknown type ${id}.`);
}

async function readTyped(
	reader: ValueReader,
	type: (typeof scalarTypes)[number],
	what: string,
	depth: number,
): Promise<{ readonly type: GgufType; readonly value: GgufValue }> {
	const { cursor, budget, fail } = reader;
	if (type === 'text') return { type, value: await cursor.text(what) };
	if (type !== 'list')
		return { type, value: readNumber(await cursor.take(widths[type], what), 0, type, what, fail) };
	if (depth === 0) fail(`${what} is a list inside lists, which is not supported.`);
	const inner = await readType(reader, what);
	const most = Math.min(listLimit, (cursor.left - 8) / widths[inner]);
	const length = await cursor.count(`the length of ${what}`, most);
	budget.make(overhead.list + length * widths[inner]);
	if (inner === 'text') {
		budget.make(length * overhead.text);
		return { type: { listOf: inner }, value: await cursor.texts(length, what) };
	}
	if (inner !== 'list')
		return { type: { listOf: inner }, value: await readNumbers(reader, inner, length, what) };
	const values: GgufValue[] = [];
	let innerType: GgufType = { listOf: 'u8' };
	for (let i = 0; i < length; i++) {
		const item = await readTyped(reader, inner, what, depth - 1);
		innerType = item.type;
		values.push(item.value);
	}
	return { type: { listOf: innerType }, value: values };
}

async function readNumbers(
	{ cursor, fail }: ValueReader,
	type: keyof typeof numberLists,
	length: number,
	what: string,
): Promise<NumberList> {
	const bytes = new Uint8Array(length * widths[type]);
	for (let at = 0; at < bytes.length; at += batch) {
		const some = Math.min(batch, bytes.length - at);
		const { buffer, byteOffset } = await cursor.take(some, what);
		bytes.set(new Uint8Array(buffer, byteOffset, some), at);
	}
	if (type === 'bool') {
		const wrong = bytes.find((value) => value > 1);
		if (wrong !== undefined) fail(`${what} must be true or false, got ${wrong}.`);
	}
	// GGUF is little-endian, as every machine is that runs this.
	return new numberLists[type](bytes.buffer);
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
