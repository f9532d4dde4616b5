/**
 * @file Safetensors, read and written: F32, F16 and BF16, all as F32 in memory.
 *
 * A file is a 64-bit little-endian header length, a JSON header `{name: {dtype, shape, data_offsets}}` padded with spaces
 * to 8 bytes, then the tensors without gaps. Files are untrusted, so every header entry is validated.
 */
import { sizeOf, type Tensor, type TensorMap } from '#model/tensor.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { fromBf16, fromF16, toBf16, toF16 } from '../half.ts';
import { parseJson } from '../json.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { cut, quote } from '#base/untrusted/quote.ts';

const widths = { F32: 4, F16: 2, BF16: 2 } as const;
/** Supported number formats. */
export type Dtype = keyof typeof widths;
/** Bytes per number of every format of safetensors: buffers that no weight needs are passed over. */
const storedWidths: Readonly<Record<string, number>> = {
	...widths,
	...{ F64: 8, I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1 },
	...{ F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1, C64: 8 },
};

/** The tensors of a file, widened to F32, and its `__metadata__`. */
export interface Safetensors {
	readonly tensors: Map<string, Tensor>;
	readonly metadata: ReadonlyMap<string, string>;
}

/** Largest header in bytes. */
export const headerLimit = 100_000_000;
/** Names that would reach a prototype if tensors were kept in a plain object. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/** A tensor's number format, and its bytes in the body. */
export interface Entry {
	readonly name: string;
	/** A `Dtype`, or another that only its size is known of. */
	readonly dtype: string;
	readonly shape: readonly number[];
	readonly begin: number;
	readonly end: number;
}

/** Reads a whole file; `file` is its name in messages. */
export function readSafetensors(bytes: Uint8Array, file = 'model.safetensors'): Safetensors {
	const fail = (problem: string): never => {
		throw new CheckpointError(`${file}: ${problem}`);
	};
	if (bytes.length < 8) fail(`too short to be safetensors (${bytes.length} bytes).`);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const headerLength = Number(view.getBigUint64(0, true));
	if (headerLength > headerLimit)
		fail(
			`its header claims ${headerLength} bytes, more than the ${headerLimit} that are allowed; this is not a safetensors file.`,
		);
	if (8 + headerLength > bytes.length)
		fail('is cut off inside its header; copy or download it again.');
	const body = bytes.subarray(8 + headerLength);
	const { entries, metadata } = readLayout(bytes.subarray(8, 8 + headerLength), body.length, file);
	const tensors = new Map<string, Tensor>();
	for (const { name, dtype, shape, begin, end } of entries)
		tensors.set(name, {
			shape,
			data: decode(
				body.subarray(begin, end),
				isDtype(dtype) ? dtype : fail(unreadable(name, dtype)),
			),
		});
	return { tensors, metadata };
}

/** Positions of the tensors in the body, checked for range, gaps and overlaps; `json` is the header's text. */
export function readLayout(
	json: Uint8Array,
	bodyLength: number,
	file: string,
): { readonly entries: readonly Entry[]; readonly metadata: ReadonlyMap<string, string> } {
	const fail = (problem: string): never => {
		throw new CheckpointError(`${file}: ${problem}`);
	};
	if (json[0] !== 0x7b) fail('its header does not start with "{"; this is not a safetensors file.');
	const layout = readHeader(parseJson(json, `${file}: its header`), fail);
	let at = 0;
	for (const { name, begin, end } of layout.entries) {
		if (begin !== at)
			fail(
				`tensor "${cut(name)}" starts at byte ${begin} where ${at} is expected (tensors may not overlap or leave gaps).`,
			);
		if (end > bodyLength)
			fail(
				`tensor "${cut(name)}" ends at byte ${end} of ${bodyLength}: the file is cut off; copy or download it again.`,
			);
		at = end;
	}
	if (at !== bodyLength) fail(`has ${bodyLength - at} bytes that belong to no tensor.`);
	return layout;
}

/** Validates each entry by itself; sorted by position. */
function readHeader(
	header: unknown,
	fail: (problem: string) => never,
): { readonly entries: readonly Entry[]; readonly metadata: ReadonlyMap<string, string> } {
	if (!isRecord(header)) return fail('its header must be a JSON object.');
	const entries: Entry[] = [];
	let metadata: ReadonlyMap<string, string> = new Map();
	for (const [name, value] of Object.entries(header)) {
		if (name === '__metadata__') {
			if (!isRecord(value) || Object.values(value).some((text) => typeof text !== 'string'))
				fail('__metadata__ must map text to text.');
			metadata = new Map(Object.entries(value as Record<string, string>));
			continue;
		}
		if (forbidden.has(name)) fail(`a tensor may not be called "${cut(name)}".`);
		if (!isRecord(value)) return fail(`tensor "${cut(name)}" must be described by a JSON object.`);
		const { dtype, shape, data_offsets: offsets } = value;
		const width =
			typeof dtype === 'string' && Object.hasOwn(storedWidths, dtype)
				? storedWidths[dtype]
				: undefined;
		if (typeof dtype !== 'string' || width === undefined) return fail(unreadable(name, dtype));
		if (!isCounts(shape))
			return fail(`tensor "${cut(name)}": shape must be a list of whole numbers.`);
		if (!isCounts(offsets) || offsets.length !== 2)
			return fail(`tensor "${cut(name)}": data_offsets must be two whole numbers.`);
		const [begin = 0, end = 0] = offsets;
		const size = sizeOf(shape) * width;
		if (!Number.isSafeInteger(size))
			fail(`tensor "${cut(name)}": shape ${quote(shape)} is too large.`);
		if (end - begin !== size)
			fail(
				`tensor "${cut(name)}": data_offsets hold ${end - begin} bytes, but shape ${quote(shape)} of ${dtype} needs ${size}.`,
			);
		entries.push({ name, dtype, shape, begin, end });
	}
	// Empty tensors share their start with the next one.
	entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
	return { entries, metadata };
}

/** Options of `writeSafetensors`. */
export interface WriteOptions {
	/** Default F32; F16 and BF16 round to nearest even. */
	readonly dtype?: Dtype;
	/** Default `{format: 'pt'}`, which transformers requires. */
	readonly metadata?: Readonly<Record<string, string>>;
}

/** The same bytes as Python's safetensors writes: sorted by name, contiguous, header padded to 8. */
export function writeSafetensors(tensors: TensorMap, options: WriteOptions = {}): Uint8Array {
	const { dtype = 'F32', metadata = { format: 'pt' } } = options;
	const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
	const entries: [string, unknown][] =
		Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
	let at = 0;
	for (const [name, { shape, data }] of sorted) {
		if (name === '__metadata__' || forbidden.has(name))
			throw new CheckpointError(`A tensor may not be called "${cut(name)}".`);
		if (!isCounts(shape) || sizeOf(shape) !== data.length)
			throw new CheckpointError(
				`Tensor "${cut(name)}" has ${data.length} values, but its shape is [${shape.join(', ')}].`,
			);
		const end = at + data.length * widths[dtype];
		entries.push([name, { dtype, shape, data_offsets: [at, end] }]);
		at = end;
	}
	const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
	const headerLength = Math.ceil(json.length / 8) * 8;
	if (headerLength > headerLimit)
		throw new CheckpointError(`The header would be larger than ${headerLimit} bytes.`);
	const bytes = new Uint8Array(8 + headerLength + at);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
	bytes.set(json, 8);
	bytes.fill(0x20, 8 + json.length, 8 + headerLength);
	let offset = 8 + headerLength;
	for (const [, { data }] of sorted) {
		const part = encode(data, dtype);
		bytes.set(part, offset);
		offset += part.length;
	}
	return bytes;
}

/** Always copies: views would need alignment, and would keep the whole file in memory. */
function decode(part: Uint8Array, dtype: Dtype): Float32Array {
	// Not `part.slice()`: a Node Buffer would give a view of the whole file.
	const { buffer } = Uint8Array.from(part);
	switch (dtype) {
		case 'F32':
			return new Float32Array(buffer);
		case 'F16':
			return fromF16(new Uint16Array(buffer));
		case 'BF16':
			return fromBf16(new Uint16Array(buffer));
		default:
			return dtype satisfies never;
	}
}

function encode(data: Float32Array, dtype: Dtype): Uint8Array {
	const values = dtype === 'F32' ? data : dtype === 'F16' ? toF16(data) : toBf16(data);
	return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Of a tensor that is needed; the sentence follows the name of the file. */
export const unreadable = (name: string, dtype: unknown): string =>
	`tensor "${cut(name)}" has dtype ${quote(dtype)}; these can be read: ${Object.keys(widths).join(', ')}.`;

export const isDtype = (value: unknown): value is Dtype =>
	typeof value === 'string' && Object.hasOwn(widths, value);

const isCounts = (value: unknown): value is readonly number[] =>
	Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
