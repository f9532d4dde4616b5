/** @file Random-access reads of a checkpoint: a Blob, an OPFS or Node file, HTTP ranges. */

export interface ByteSource {
	/** File name for people and messages. */
	readonly name: string;
	/** Bytes in all. */
	readonly size: number;
	/** Bytes `from` (inclusive) to `to` (exclusive); rejects a range outside the file. */
	read(from: number, to: number, signal?: AbortSignal): Promise<Uint8Array>;
}
