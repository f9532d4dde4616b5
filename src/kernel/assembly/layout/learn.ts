/**
 * @file Byte offsets in the tables of training jobs; every field has 4 bytes. Token rows are F32 with strides that are
 * multiples of 8, zero padding after the last number of a row, and space for four more rows after the last.
 */

/**
 * Storage of a matrix: tiles of 4 or 8 bits (`blocks.ts`); tiles of 8 bits whose blocks replace the offsets by scales of
 * the columns from 16 on, w = scale · (q − 128); or rows of F16, BF16 or F32.
 */
export const kindHalves = 9;
export const kindF16 = 16;
export const kindBF16 = 17;
export const kindF32 = 32;

/** A linear module: y = x · Wᵀ + bias + z · factorOutᵀ with z = x · factorIn. */
export const linearKind = 0;
export const linearData = 4;
export const linearRows = 8;
export const linearColumns = 12;
/** F32 [rows], or 0. */
export const linearBias = 16;
/** Rank of its LoRA, zero-padded to a multiple of 8; 0 if there is none. */
export const linearRank = 20;
/** F32 [columns, rank]: A, transposed. */
export const linearIn = 24;
/** F32 [rows, rank]: B times alpha / rank. */
export const linearOut = 28;
/** Accumulated gradients of the factors, same shapes; that of B still lacks the factor alpha / rank. */
export const linearGradientIn = 32;
export const linearGradientOut = 36;
/** F32 [tokens, rank]: z, and its gradient. */
export const linearZ = 40;
export const linearDz = 44;
export const linearBytes = 48;

/** A layer: its linear modules, then vectors (0 if absent). */
export const layerQ = 0;
export const layerK = linearBytes;
export const layerV = 2 * linearBytes;
export const layerO = 3 * linearBytes;
export const layerGate = 4 * linearBytes;
export const layerUp = 5 * linearBytes;
export const layerDown = 6 * linearBytes;
export const layerInputNorm = 7 * linearBytes;
export const layerPostNorm = 7 * linearBytes + 4;
export const layerQueryNorm = 7 * linearBytes + 8;
export const layerKeyNorm = 7 * linearBytes + 12;
/** 1 if RoPE applies to queries and keys. */
export const layerRope = 7 * linearBytes + 16;
export const layerBytes = 7 * linearBytes + 20;

/** Marker of a training job: 0 in the field that holds the model in a forward job. */
export const zero = 0;
export const task = 4;
/** Embedding lookup: `x` = rows `ids` of `head`. */
export const taskEmbed = 0;
/** Layer forward: x → y with its intermediate activations. */
export const taskForward = 1;
/** Layer backward: from x, q, k, v, middle, gate, up and dy to dx, which overwrites dy, and the factors' gradients. */
export const taskBackward = 2;
/** LM head: x → log-probabilities of `ids`; if `weights` is not 0, also dx of Σ w · (−log p) and of the anchors, which overwrites dy. */
export const taskHead = 3;

export const tokens = 8;
/** i32 [tokens] */
export const ids = 12;
/** Number of sequences, and their table: i32 [sequences, 5]. */
export const sequences = 16;
export const sequenceTable = 20;
/** Stride of the attention scores in numbers: the longest sequence, padded to a multiple of 8. */
export const scoresStride = 24;
/** F32 [longest, headSize / 2] */
export const cosines = 28;
export const sines = 32;
export const layer = 36;
/** Sizes, and strides in numbers. */
export const hidden = 40;
export const hiddenStride = 44;
export const heads = 48;
export const keyValueHeads = 52;
export const headSize = 56;
export const queryStride = 60;
export const keyStride = 64;
export const inner = 68;
export const innerStride = 72;
/** F32 */
export const epsilon = 76;
/** Activations kept for the backward pass: hidden states before a layer and after its attention; projections. */
export const x = 80;
export const middle = 84;
export const queries = 88;
export const keys = 92;
export const values = 96;
export const gate = 100;
export const up = 104;
/** Output of a layer. */
export const y = 108;
/** Activations recomputed in the backward pass: normed rows, rotated queries and keys, attention output, gated rows. */
export const normed = 112;
export const rotatedQueries = 116;
export const rotatedKeys = 120;
export const mixed = 124;
export const gated = 128;
/** Gradients; that of `gated` is `dInner`. */
export const dy = 132;
export const dNormed = 136;
export const dMixed = 140;
export const dQueries = 144;
export const dKeys = 148;
export const dValues = 152;
export const dInner = 156;
/** Scratch of each thread. */
export const room = 160;
export const roomBytes = 164;
/** The head: its norm, matrix, logits [tokens, stride], log-probabilities [tokens], weights [tokens] or 0. */
export const finalNorm = 168;
export const head = 172;
export const logits = 176;
export const logitsStride = 180;
export const logprobs = 184;
export const weights = 188;
/** F32 [tokens, 2]: the log-probability that a target is held to, and how strongly; or 0. */
export const anchors = 192;
export const bytes = 196;

/** A sequence: its first token row and their number. */
export const sequenceStart = 0;
export const sequenceTokens = 4;
/** Token rows of the prefix that it continues, none by default: computed once for all sequences that continue it. */
export const prefixStart = 8;
export const prefixTokens = 12;
/** Rows of `dKeys` and `dValues`, after those of all tokens, for its part of the prefix's gradients. */
export const prefixGradients = 16;
export const sequenceBytes = 20;

/** Depth of one block of a product, and score rows computed at a time. */
export const depth = 768;
export const scoreRows = 48;
