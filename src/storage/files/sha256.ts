/**
 * @file SHA-256, incremental, and in one call by WebCrypto if available.
 *
 * WebCrypto hashes only whole buffers and is missing on pages served over plain http, hence our own (FIPS 180-4).
 */

/** Round constants: the first 32 bits of the fractions of the cube roots of the first 64 primes. */
const k = new Uint32Array(64);
/** Starting state: the same of the square roots of the first 8. */
const start = new Uint32Array(8);
for (let n = 2, found = 0; found < 64; n++) {
	let prime = true;
	for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
	if (!prime) continue;
	if (found < 8) start[found] = (Math.sqrt(n) % 1) * 2 ** 32;
	k[found++] = (Math.cbrt(n) % 1) * 2 ** 32;
}

export interface Hash {
	update(bytes: Uint8Array): void;
	/** Lower-case hexadecimal; ends the hash. */
	finish(): string;
}

export function startSha256(): Hash {
	const state = Uint32Array.from(start);
	const words = new Uint32Array(64);
	const block = new Uint8Array(64);
	const view = new DataView(block.buffer);
	let held = 0; // bytes waiting in `block`
	let total = 0;

	const digestBlock = (source: DataView, at: number): void => {
		const w = (i: number): number => words[i] ?? 0;
		for (let i = 0; i < 16; i++) words[i] = source.getUint32(at + 4 * i);
		for (let i = 16; i < 64; i++) {
			const x = w(i - 15);
			const y = w(i - 2);
			const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
			const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
			words[i] = (w(i - 16) + s0 + w(i - 7) + s1) | 0;
		}
		let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
		for (let i = 0; i < 64; i++) {
			const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
			const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (k[i] ?? 0) + w(i)) | 0;
			const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
			const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
			[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
		}
		[a, b, c, d, e, f, g, h].forEach((x, i) => (state[i] = (state[i] ?? 0) + x));
	};

	const update = (bytes: Uint8Array): void => {
		total += bytes.length;
		let at = 0;
		if (held > 0) {
			at = Math.min(64 - held, bytes.length);
			block.set(bytes.subarray(0, at), held);
			held += at;
			if (held < 64) return;
			digestBlock(view, 0);
			held = 0;
		}
		const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		for (; at + 64 <= bytes.length; at += 64) digestBlock(source, at);
		block.set(bytes.subarray(at));
		held = bytes.length - at;
	};

	return {
		update,
		finish() {
			const bits = total * 8;
			const padding = new Uint8Array((held < 56 ? 64 : 128) - held);
			padding[0] = 0x80;
			const end = new DataView(padding.buffer);
			end.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
			end.setUint32(padding.length - 4, bits >>> 0);
			update(padding);
			return [...state].map((x) => x.toString(16).padStart(8, '0')).join('');
		},
	};
}

/** Bytes that WebCrypto and the disk accept: not shared with other threads; copied only if they are. */
export const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
	bytes.buffer instanceof ArrayBuffer
		? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
		: new Uint8Array(bytes);

/** Hash of whole bytes as lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
	// absent outside secure contexts, whatever the type says
	const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
	if (subtle !== undefined)
		return toHex(new Uint8Array(await subtle.digest('SHA-256', unshared(bytes))));
	const hash = startSha256();
	hash.update(bytes);
	return hash.finish();
}

const toHex = (bytes: Uint8Array): string =>
	Array.from(bytes, (x) => x.toString(16).padStart(2, '0')).join('');
