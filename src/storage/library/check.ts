/** @file Verification of a file on disk against its expected size and hash, read in chunks. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { LibraryError, type WantedFile } from './library.ts';
import { startSha256, unshared } from '../files/sha256.ts';

const piece = 8 << 20;
/** Git's own hash needs the whole content at once; larger files have a SHA-256. */
const gitLimit = 64 << 20;

/** Resolves with the SHA-256; rejects with `corrupt` if size or hash differ. */
export async function checkContent(
	source: ByteSource,
	wanted: WantedFile,
	options: {
		readonly signal?: AbortSignal | undefined;
		readonly onProgress?: (bytes: number) => void;
	} = {},
): Promise<string> {
	const { signal, onProgress } = options;
	const { name, bytes, gitSha1 } = wanted;
	if (source.size !== bytes)
		throw new LibraryError(
			'corrupt',
			`${name} has ${source.size} bytes instead of ${bytes}; download it again.`,
		);
	const hash = startSha256();
	for (let at = 0; at < bytes; at += piece) {
		signal?.throwIfAborted();
		const to = Math.min(bytes, at + piece);
		hash.update(await source.read(at, to, signal));
		onProgress?.(to);
	}
	const sha256 = hash.finish();
	const differs =
		wanted.sha256 === undefined
			? gitSha1 !== undefined && bytes <= gitLimit && !(await isGit(source, gitSha1, signal))
			: sha256 !== wanted.sha256;
	if (differs)
		throw new LibraryError(
			'corrupt',
			`${name} is not the file that was promised (its hash differs): something changed it on the way. It was removed; download it again.`,
		);
	return sha256;
}

/** True too if this page has no WebCrypto (plain http). */
async function isGit(source: ByteSource, wanted: string, signal?: AbortSignal): Promise<boolean> {
	const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
	if (subtle === undefined) return true;
	const head = new TextEncoder().encode(`blob ${source.size}\0`);
	const all = new Uint8Array(head.length + source.size);
	all.set(head);
	all.set(await source.read(0, source.size, signal), head.length);
	const digest = new Uint8Array(await subtle.digest('SHA-1', unshared(all)));
	return Array.from(digest, (x) => x.toString(16).padStart(2, '0')).join('') === wanted;
}
