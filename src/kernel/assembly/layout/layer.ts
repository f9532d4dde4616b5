/** @file Byte offsets in the table of a layer: matrices, then vectors (0 if absent); every field has 4 bytes. */

import { bytes as matrix } from './matrix';

export const q = 0;
export const k = matrix;
export const v = 2 * matrix;
export const o = 3 * matrix;
export const gate = 4 * matrix;
export const up = 5 * matrix;
export const down = 6 * matrix;
export const inputNorm = 7 * matrix;
export const postNorm = 7 * matrix + 4;
export const queryNorm = 7 * matrix + 8;
export const keyNorm = 7 * matrix + 12;
/** 1 if RoPE applies to queries and keys. */
export const rope = 7 * matrix + 16;
export const bytes = 7 * matrix + 20;
