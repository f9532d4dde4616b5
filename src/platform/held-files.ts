/** @file Files that stay open as long as the model that is read from them. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';

/** Open files, closed together. */
export interface HeldFiles {
	readonly files: readonly ByteSource[];
	close(): Promise<void>;
}
