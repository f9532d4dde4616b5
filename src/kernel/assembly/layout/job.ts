/** @file Places in the table of what is to be run; all are of 4 bytes. */

export const model = 0;
export const tokens = 4;
/** i32 [tokens] */
export const ids = 8;
/** Places in their sequences, i32 [tokens]. */
export const positions = 12;
/** Addresses of the page lists of their sequences, i32 [tokens]. */
export const pageLists = 16;
/** F32 [tokens, headSize / 2] */
export const cosines = 20;
export const sines = 24;
/** Tokens whose logits are wanted, and how many, at most `logitTokens`. */
export const wanted = 28;
export const wantedCount = 32;
/** 1 where only the head is to be run, for tokens of the job before. */
export const headOnly = 36;
export const bytes = 40;
