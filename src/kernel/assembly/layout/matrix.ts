/** @file Places in the table of a matrix; all are of 4 bytes. */

export const bits = 0;
export const data = 4;
export const tiles = 8;
export const blocks = 12;
/** F32 [tiles · 8], or 0. */
export const bias = 16;
/** Of its LoRA; 0 is none. */
export const rank = 20;
/** F32 [rank, blocks · 32]. */
export const loraA = 24;
/** F32 [tiles, rank, 8], times alpha / rank. */
export const loraB = 28;
/** Where in a token's row of LoRA sums its own begin. */
export const loraAt = 32;
export const bytes = 36;
