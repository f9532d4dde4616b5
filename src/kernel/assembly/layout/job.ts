/** @file Byte offsets in the table of a forward job; every field has 4 bytes. */

export const model = 0;
export const tokens = 4;
/** i32 [tokens] */
export const ids = 8;
/** Slots in the KV caches of their sequences, i32 [tokens]: a token sees the slots up to its own. */
export const slots = 12;
/** Addresses of the page tables of their sequences, i32 [tokens]. */
export const pageLists = 16;
/** F32 [tokens, headSize / 2] */
export const cosines = 20;
export const sines = 24;
/** Indices of the tokens whose logits are computed, and their count, at most `logitTokens`. */
export const wanted = 28;
export const wantedCount = 32;
/** 1 to run only the LM head, on tokens of the previous job. */
export const headOnly = 36;
/** F32 [layers, heads, votesStride] to which attention weights of all tokens of the job are added, or 0. */
export const votes = 40;
export const votesStride = 44;
/** Type of the KV caches of all its tokens (`blocks.ts`). */
export const cacheType = 48;
export const bytes = 52;
