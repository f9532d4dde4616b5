/** @file Byte offsets in the table of a matrix; every field has 4 bytes. */

export const bits = 0;
export const data = 4;
export const tiles = 8;
export const blocks = 12;
/** F32 [tiles · 8], or 0. */
export const bias = 16;
/** Rank of its LoRA; 0 if there is none. */
export const rank = 20;
/** F32 [rank, blocks · 32]. */
export const loraA = 24;
/** F32 [tiles, rank, 8], times alpha / rank. */
export const loraB = 28;
/** Offset of its own LoRA sums in a token's row of them. */
export const loraAt = 32;
export const bytes = 36;
