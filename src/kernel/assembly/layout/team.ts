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
/** Threads that sleep, or are about to. */
export const sleeping = 28;

/** After them a cache line for each thread. */
export const lines = 64;
export const lineBytes = 64;
/** Items claimed of the share of this thread, in parts of even and odd number. */
export const claimedEven = 0;
export const claimedOdd = 4;
/** Number of parts in shares so far, and the share that this thread claims from. */
export const part = 8;
export const share = 12;
