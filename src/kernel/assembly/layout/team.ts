/** @file Byte offsets in the table of the threads that share a job; every field has 4 bytes. */

export const threads = 0;
/** Number of jobs so far. */
export const job = 4;
/** Threads that reached the current barrier, and barriers passed so far. */
export const arrived = 8;
export const generation = 12;
/** Work items handed out since the last barrier. */
export const claimed = 16;
export const stop = 20;
export const jobAddress = 24;
export const bytes = 64;
