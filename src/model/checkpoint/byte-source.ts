/** @file Where a checkpoint's bytes come from, read piece by piece: a Blob, an OPFS or Node file, HTTP ranges. */

export interface ByteSource {
	/** For people and messages: the file's name. */
	readonly name: string;
	/** Bytes in all. */
	readonly size: number;
	/** Bytes `from` (inclusive) to `to` (exclusive); rejects where the range is not there. */
	read(from: number, to: number, signal?: AbortSignal): Promise<Uint8Array>;
}
