/** @file CRC-32 of zip entries and of single records: notices accidental damage, cheaply. */

/** For each byte, eight steps of division by the polynomial 0xedb88320. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
	let c = byte;
	for (let i = 0; i < 8; i++) c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
	return c;
});

/** The checksum of zip (CRC-32). */
export function crc32(bytes: Uint8Array): number {
	let c = -1;
	// by index: several times faster than by iterator
	for (let i = 0; i < bytes.length; i++) c = (c >>> 8) ^ (table[(c ^ (bytes[i] ?? 0)) & 255] ?? 0);
	return ~c >>> 0;
}
