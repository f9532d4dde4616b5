/** @file Places in the table of a model; strides are in numbers, of whole blocks; all are of 4 bytes. */

export const layers = 0;
export const heads = 4;
export const keyValueHeads = 8;
export const headSize = 12;
export const hidden = 16;
export const epsilon = 20;
/** Of a hidden state; of all heads; of the keys of one token; of the inner state. */
export const hiddenStride = 24;
export const headsStride = 28;
export const keysStride = 32;
export const innerStride = 36;
export const loraStride = 40;
/** Layers, one behind the other. */
export const layerTable = 44;
export const finalNorm = 48;
/** A matrix, read by row. */
export const embedding = 52;
export const head = 56;
/** Scratch for `tokens` tokens: hidden states, queries (then what attention gives), keys, values, inner states. */
export const x = 60;
export const queries = 64;
export const keys = 68;
export const values = 72;
export const inner = 76;
/** The quantised input of a product: int8, and by block a scale and the sum of what was quantised. */
export const quants = 80;
export const scales = 84;
export const sums = 88;
/** What a token's row is normed to. */
export const normed = 92;
export const lora = 96;
/** For each thread: scores of one head, [contextLength]. */
export const scores = 100;
export const scoresStride = 104;
/** Logits [logitTokens, vocabulary]. */
export const logits = 108;
export const vocabularyStride = 112;
export const bytes = 116;
