/** @file Places in the table of the threads that share a job; all are of 4 bytes. */

export const threads = 0;
/** Grows with every job. */
export const job = 4;
/** Who has come to the gate, and how often it was opened. */
export const come = 8;
export const opened = 12;
/** Work handed out since then. */
export const taken = 16;
export const stop = 20;
export const jobAddress = 24;
export const bytes = 64;
