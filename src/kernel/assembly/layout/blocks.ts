/**
 * @file Memory layout of weights and of the KV cache, shared by the kernel and the code that fills its tables.
 *
 * A matrix [rows, columns] is cut into tiles of 8 rows, and a tile into consecutive blocks of 32 columns. A block holds
 * its quants, then 8 scales and 8 offsets in F32: w = scale · q + offset.
 *  4 bits: 4 · 32 bytes; in each 32, rows 0–3 then 4–7, of each row 4 bytes, the low halves columns 4p … 4p + 3 and the
 *          high halves columns 16 + 4p … 16 + 4p + 3.
 *  8 bits: 8 · 32 bytes; the same with whole bytes, of columns 4p … 4p + 3.
 */

/** Bytes of a block of a tile, for 4 and for 8 bits. */
export const block4 = 128 + 64;
export const block8 = 256 + 64;

/** Tokens of a KV cache page: for each layer keys then values, [keyValueHeads, pageTokens, headSize] in F32. */
export const pageTokens = 32;
