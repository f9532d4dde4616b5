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

/**
 * Slots of an entry in the page table of a sequence. An entry has 8 bytes: address of its first slot, and bytes of a stripe.
 * Stripes are [slots] rows of headSize numbers, the keys then the values of all key-value heads of a layer, layer by layer. A
 * page that holds more slots has several entries; the longer its stripes, the faster they are read.
 */
export const pageTokens = 32;

/** Types of the rows of a KV cache: F32; F16; an F32 scale, then 8-bit whole numbers. */
export const cacheF32 = 0;
export const cacheF16 = 1;
export const cacheQ8 = 2;

/** Numbers of a thread's room beside an unpacked entry: a list of tokens with their weights (`attention/eight-values.ts`). */
export const listNumbers = 1024;
