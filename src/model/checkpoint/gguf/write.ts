/** @file Writer of GGUF version 3: the header, then one tensor at a time. */
import { sizeOf } from '../../tensor.ts';
import type { WeightForm } from '../../weight-store.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { bytesOf, layouts } from './tensor-types.ts';
import { magic } from './header.ts';
import { scalarTypes, type GgufType, type GgufValue } from './values.ts';

/** A metadata value with its type. */
export interface GgufEntry {
	readonly type: GgufType;
	readonly value: GgufValue;
}

/** A tensor to write; its bytes are requested when it is written. */
export interface GgufOutput {
	readonly name: string;
	/** Row-major, the slowest dimension first. */
	readonly shape: readonly number[];
	readonly form: WeightForm;
	bytes(signal?: AbortSignal): Promise<Uint8Array>;
}

const alignment = 32;
const padded = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

/** The file as consecutive pieces. */
export async function* writeGguf(
	metadata: ReadonlyMap<string, GgufEntry>,
	tensors: readonly GgufOutput[],
	signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
	yield header(metadata, tensors);
	for (const { name, shape, form, bytes } of tensors) {
		signal?.throwIfAborted();
		const data = await bytes(signal);
		const size = bytesOf(form, sizeOf(shape));
		if (data.length !== size)
			throw new CheckpointError(
				`Tensor "${name}" [${shape.join(', ')}] of ${form} has ${data.length} bytes, not ${size}.`,
			);
		yield data;
		if (padded(size) > size) yield new Uint8Array(padded(size) - size);
	}
}

function header(
	metadata: ReadonlyMap<string, GgufEntry>,
	tensors: readonly GgufOutput[],
): Uint8Array {
	const out = growingBytes();
	out.number('u32', magic);
	out.number('u32', 3);
	out.number('u64', tensors.length);
	out.number('u64', metadata.size);
	for (const [key, { type, value }] of metadata) {
		out.text(key);
		writeType(out, type);
		writeValue(out, type, value, key);
	}
	let at = 0;
	for (const { name, shape, form } of tensors) {
		out.text(name);
		out.number('u32', shape.length);
		for (const size of shape.toReversed()) out.number('u64', size);
		out.number('u32', layouts[form].id);
		out.number('u64', at);
		at += padded(bytesOf(form, sizeOf(shape)));
	}
	return out.take(padded);
}

const listId = scalarTypes.indexOf('list');

function writeType(out: GrowingBytes, type: GgufType): void {
	out.number('u32', typeof type === 'string' ? scalarTypes.indexOf(type) : listId);
}

function writeValue(out: GrowingBytes, type: GgufType, value: GgufValue, key: string): void {
	const wrong = (): never => {
		throw new CheckpointError(`The metadata entry "${key}" has a value of another type.`);
	};
	if (typeof type !== 'string') {
		if (ArrayBuffer.isView(value)) {
			const { listOf } = type;
			if (typeof listOf !== 'string' || listOf === 'text') return wrong();
			writeType(out, listOf);
			out.number('u64', value.length);
			for (const item of value) out.number(listOf === 'bool' ? 'u8' : listOf, item);
			return;
		}
		if (!Array.isArray(value)) return wrong();
		const items = value as readonly GgufValue[];
		writeType(out, type.listOf);
		out.number('u64', items.length);
		for (const item of items) writeValue(out, type.listOf, item, key);
	} else if (type === 'text') {
		if (typeof value !== 'string') return wrong();
		out.text(value);
	} else if (type === 'bool') {
		if (typeof value !== 'boolean') return wrong();
		out.number('u8', value ? 1 : 0);
	} else {
		if (typeof value !== 'number' && typeof value !== 'bigint') return wrong();
		out.number(type, value);
	}
}

type NumberType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f32' | 'u64' | 'i64' | 'f64';

interface GrowingBytes {
	number(type: NumberType, value: number | bigint): void;
	text(text: string): void;
	/** The bytes so far, zero-padded to the length that `pad` returns for theirs. */
	take(pad: (length: number) => number): Uint8Array;
}

function growingBytes(): GrowingBytes {
	let bytes = new Uint8Array(1 << 16);
	let view = new DataView(bytes.buffer);
	let length = 0;
	const encoder = new TextEncoder();
	/** `write` is called after the growth, which replaces `view`. */
	const reserve = (more: number, write: (at: number) => void): void => {
		if (length + more > bytes.length) {
			const larger = new Uint8Array(Math.max(bytes.length * 2, length + more));
			larger.set(bytes);
			bytes = larger;
			view = new DataView(bytes.buffer);
		}
		write(length);
		length += more;
	};
	const put: Readonly<Record<NumberType, (value: number | bigint) => void>> = {
		u8: (value) => reserve(1, (at) => view.setUint8(at, Number(value))),
		i8: (value) => reserve(1, (at) => view.setInt8(at, Number(value))),
		u16: (value) => reserve(2, (at) => view.setUint16(at, Number(value), true)),
		i16: (value) => reserve(2, (at) => view.setInt16(at, Number(value), true)),
		u32: (value) => reserve(4, (at) => view.setUint32(at, Number(value), true)),
		i32: (value) => reserve(4, (at) => view.setInt32(at, Number(value), true)),
		f32: (value) => reserve(4, (at) => view.setFloat32(at, Number(value), true)),
		u64: (value) => reserve(8, (at) => view.setBigUint64(at, BigInt(value), true)),
		i64: (value) => reserve(8, (at) => view.setBigInt64(at, BigInt(value), true)),
		f64: (value) => reserve(8, (at) => view.setFloat64(at, Number(value), true)),
	};
	return {
		number: (type, value) => put[type](value),
		text(text) {
			const encoded = encoder.encode(text);
			put.u64(encoded.length);
			reserve(encoded.length, (at) => bytes.set(encoded, at));
		},
		take(pad) {
			reserve(pad(length) - length, () => undefined);
			return bytes.slice(0, length);
		},
	};
}
