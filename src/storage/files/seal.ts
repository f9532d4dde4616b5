/**
 * @file Sealed file: length and hash in a header, so that a torn or corrupt file is noticed when read.
 *
 * Layout: 8 bytes `EVOLVA01`, 8 bytes length (little-endian), 32 bytes SHA-256, then the bytes themselves.
 */
import { StoreError } from '../runs/store.ts';
import { sha256 } from './sha256.ts';

const magic = new TextEncoder().encode('EVOLVA01');
/** Bytes before the content. */
const head = 48;

/** The 48 bytes to write before `bytes`. */
export async function sealOf(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
	const seal = new Uint8Array(head);
	seal.set(magic);
	new DataView(seal.buffer).setBigUint64(8, BigInt(bytes.length), true);
	const hash = await sha256(bytes);
	for (let i = 0; i < 32; i++) seal[16 + i] = Number.parseInt(hash.slice(2 * i, 2 * i + 2), 16);
	return seal;
}

/** The content in a buffer of its own; `corrupt` if the seal does not hold. */
export async function unseal(name: string, sealed: Uint8Array): Promise<Uint8Array> {
	const bytes = new Uint8Array(sealed.subarray(head)); // slice() of a Node Buffer does not copy
	const seal = sealed.subarray(0, head);
	const wanted = await sealOf(bytes);
	if (seal.length === head && seal.every((byte, i) => byte === wanted[i])) return bytes;
	throw new StoreError(
		'corrupt',
		`The stored file "${name}" is damaged: delete its run, or import the run from an export.`,
	);
}
