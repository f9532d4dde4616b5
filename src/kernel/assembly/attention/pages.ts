/** @file Addresses in a paged KV cache (`layout/blocks.ts`). */
import { pageTokens } from '../layout/blocks';

/** Address of slot `slot` in stripe `stripe`; the slots up to the next multiple of `pageTokens` follow it. */
export function slotAt(pages: usize, slot: i32, stripe: i32, row: usize): usize {
	const entry = pages + ((<usize>(slot / pageTokens)) << 3);
	const offset = <usize>(slot & (pageTokens - 1)) * row;
	return <usize>load<u32>(entry) + <usize>stripe * <usize>load<u32>(entry, 4) + offset;
}
