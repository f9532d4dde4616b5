/**
 * @file Seal of a single record: CRC-32 of its JSON, so that a changed digit is noticed when it is read.
 *
 * Files carry a SHA-256 instead. A record is small and read by the hundred thousand; against accidents, which is
 * what a seal is for, 32 bits are enough.
 */
import { crc32 } from '../files/crc32.ts';
import { fromJson, toJson } from './json.ts';

const encoder = new TextEncoder();
const digits = 8;
const opening = ',"seal":"';
/** Characters of `,"seal":"01234567"}`. */
const tailLength = opening.length + digits + 2;

/** Eight hexadecimal digits. */
export const sealOfText = (text: string): string =>
	crc32(encoder.encode(text)).toString(16).padStart(digits, '0');

/** The JSON of a non-empty object, with its seal as the last key: still one line of plain JSON. */
export function toSealedJson(value: object): string {
	const text = toJson(value);
	return `${text.slice(0, -1)}${opening}${sealOfText(text)}"}`;
}

/** The object without its seal. Throws a SyntaxError if it is no JSON or its seal is broken, or missing where one is due. */
export function fromSealedJson(text: string, mustBeSealed: boolean): unknown {
	const tail = text.slice(-tailLength);
	if (!tail.startsWith(opening)) {
		if (mustBeSealed) throw new SyntaxError('its checksum is missing');
		return fromJson(text);
	}
	const body = `${text.slice(0, -tailLength)}}`;
	if (tail.slice(opening.length, -2) !== sealOfText(body))
		throw new SyntaxError('its checksum does not hold');
	return fromJson(body);
}
