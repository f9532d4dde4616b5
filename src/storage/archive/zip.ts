/**
 * @file Zip reader for hostile archives: every size and offset is checked before anything is unpacked.
 *
 * fflate unpacks the bytes; the table of contents is read here, since fflate trusts it (an endless loop on
 * a damaged zip64 entry, no checksum). Limits stop zip bombs; overlapping entries count in full.
 */
import { Inflate } from 'fflate';
import { crc32 } from '../files/crc32.ts';

export interface ZipLimits {
	readonly entries: number;
	/** Of all entries together, unpacked. */
	readonly bytes: number;
	/** Of an entry larger than a mebibyte, unpacked to packed. */
	readonly ratio: number;
}

export interface ZipEntry {
	readonly name: string;
	readonly size: number;
	/** Unpacks and checks; fails with a ZipError. */
	bytes(): Uint8Array;
}

/** The archive is not sound; the message is a clause that says why. */
export class ZipError extends Error {
	override readonly name = 'ZipError';
}

const mebibyte = 1 << 20;
const deflated = 8;
/** Fixed parts of the records, bytes. */
const endSize = 22;
const centralSize = 46;
const localSize = 30;

/** The entries by name, in the archive's order. */
export function readZip(archive: Uint8Array, limits: ZipLimits): ReadonlyMap<string, ZipEntry> {
	const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
	const end = findEnd(view);
	const count = view.getUint16(end + 10, true);
	const start = view.getUint32(end + 16, true);
	if (view.getUint16(end + 4, true) !== 0) throw new ZipError('it is split over several disks');
	if (count === 0xffff || start === 0xffffffff) throw new ZipError('it is a zip64 archive');
	if (count > limits.entries)
		throw new ZipError(`it has ${count} entries, more than ${limits.entries}`);
	if (start + view.getUint32(end + 12, true) !== end)
		throw new ZipError('its table of contents is misplaced');

	const entries = new Map<string, ZipEntry>();
	const decoder = new TextDecoder('utf-8', { fatal: true });
	let at = start;
	let total = 0;
	for (let i = 0; i < count; i++) {
		if (at + centralSize > end || view.getUint32(at, true) !== 0x02014b50)
			throw new ZipError('its table of contents is damaged');
		const method = view.getUint16(at + 10, true);
		const checksum = view.getUint32(at + 16, true);
		const packed = view.getUint32(at + 20, true);
		const size = view.getUint32(at + 24, true);
		const nameLength = view.getUint16(at + 28, true);
		const next =
			at + centralSize + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
		if (next > end) throw new ZipError('its table of contents is damaged');
		const name = decode(decoder, archive.subarray(at + centralSize, at + centralSize + nameLength));
		if (entries.has(name)) throw new ZipError(`it has two entries named "${name}"`);
		if ((view.getUint16(at + 8, true) & 1) !== 0) throw new ZipError('it is encrypted');
		if (method !== 0 && method !== deflated)
			throw new ZipError(`"${name}" is packed in a way that is not supported`);
		total += size;
		if (total > limits.bytes)
			throw new ZipError(`it unpacks to more than ${Math.floor(limits.bytes / mebibyte)} MiB`);
		if (size > mebibyte && size > packed * limits.ratio)
			throw new ZipError(`"${name}" unpacks to ${Math.round(size / packed)} times its size`);
		const from = dataOffset(view, view.getUint32(at + 42, true), start, name);
		if (from + packed > start) throw new ZipError(`"${name}" is cut short`);
		const data = archive.subarray(from, from + packed);
		entries.set(name, { name, size, bytes: () => unpack(name, data, method, size, checksum) });
		at = next;
	}
	if (at !== end) throw new ZipError('its table of contents is damaged');
	return entries;
}

/** Offset of the end-of-central-directory record; a comment may follow it. */
function findEnd(view: DataView): number {
	const last = view.byteLength - endSize;
	for (let at = last; at >= 0 && at >= last - 0xffff; at--)
		if (
			view.getUint32(at, true) === 0x06054b50 &&
			at + endSize + view.getUint16(at + 20, true) === view.byteLength
		)
			return at;
	throw new ZipError('it is not a zip archive, or is cut short');
}

function dataOffset(view: DataView, local: number, end: number, name: string): number {
	if (local + localSize > end || view.getUint32(local, true) !== 0x04034b50)
		throw new ZipError(`"${name}" is not where the table of contents says`);
	return local + localSize + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string {
	try {
		return decoder.decode(bytes);
	} catch (error) {
		throw new ZipError('the name of an entry is no text', { cause: error });
	}
}

function unpack(
	name: string,
	data: Uint8Array,
	method: number,
	size: number,
	checksum: number,
): Uint8Array {
	const bytes = method === deflated ? inflate(name, data, size) : new Uint8Array(data);
	if (bytes.length !== size) throw new ZipError(`"${name}" has not the length it claims`);
	if (crc32(bytes) !== checksum) throw new ZipError(`the checksum of "${name}" does not hold`);
	return bytes;
}

function allocate(name: string, size: number): Uint8Array {
	try {
		return new Uint8Array(size);
	} catch (error) {
		throw new ZipError(`"${name}" is too large for the memory here`, { cause: error });
	}
}

/** Stops as soon as there is more than was declared. */
function inflate(name: string, data: Uint8Array, size: number): Uint8Array {
	const bytes = allocate(name, size);
	let at = 0;
	const inflater = new Inflate((chunk) => {
		if (at + chunk.length > size) throw new ZipError(`"${name}" is longer than it claims`);
		bytes.set(chunk, at);
		at += chunk.length;
	});
	try {
		// in pieces, so that a lie about the size is noticed before much is unpacked
		for (let from = 0; from < data.length; from += 1 << 16)
			inflater.push(data.subarray(from, from + (1 << 16)), from + (1 << 16) >= data.length);
	} catch (error) {
		if (error instanceof ZipError) throw error;
		throw new ZipError(`"${name}" cannot be unpacked`, { cause: error });
	}
	if (at !== size) throw new ZipError(`"${name}" is shorter than it claims`);
	return bytes;
}
