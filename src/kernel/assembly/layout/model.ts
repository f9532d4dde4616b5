/** @file Byte offsets in the table of a model; strides count numbers and cover whole blocks; every field has 4 bytes. */

export const layers = 0;
export const heads = 4;
export const keyValueHeads = 8;
export const headSize = 12;
export const hidden = 16;
export const epsilon = 20;
/** Strides of a hidden state, of all heads, of the keys of one token, of the MLP activation. */
export const hiddenStride = 24;
export const headsStride = 28;
export const keysStride = 32;
export const innerStride = 36;
export const loraStride = 40;
/** Tables of the layers, consecutive. */
export const layerTable = 44;
export const finalNorm = 48;
/** Embedding matrix, read by row. */
export const embedding = 52;
export const head = 56;
/** Activations of `tokens` tokens: hidden states, queries (then attention output), keys, values, MLP activations. */
export const x = 60;
export const queries = 64;
export const keys = 68;
export const values = 72;
export const inner = 76;
/** Quantised input of a product: int8, and per block a scale and the sum of its quants. */
export const quants = 80;
export const scales = 84;
export const sums = 88;
/** Output of the current RMS norm. */
export const normed = 92;
export const lora = 96;
/**
 * Attention scores, rows of [contextLength] and the factor of their weights: for each thread as many as heads share keys, at
 * least; twice that, so that all heads of a few tokens have theirs.
 */
export const scores = 100;
export const scoresStride = 104;
/** Logits [logitTokens, vocabulary]. */
export const logits = 108;
export const vocabularyStride = 112;
/** For each thread: keys or values of an entry of the page table in F32, [pageTokens, headSize], and `listNumbers`. */
export const unpacked = 116;
export const bytes = 120;
