/** @file Byte offsets in the table of a forward job; every field has 4 bytes. */

export const model = 0;
export const tokens = 4;
/** i32 [tokens] */
export const ids = 8;
/** Positions in their sequences, i32 [tokens]. */
export const positions = 12;
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
export const bytes = 40;
