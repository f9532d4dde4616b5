/** @file The characters of tasks, and the marks that say which place a symbol stands in. */

/** Fills up shorter sequences of a batch; never part of a prompt or an answer. */
export const pad = '_';
/** Ends an answer. */
export const end = '$';

export const digits = '0123456789';
export const letters = 'abcdefghijklmnopqrstuvwxyz';
export const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Marks beside digits (Zhou et al. 2023): 32, cyclic. */
export const digitMarks = 'abcdefghijklmnopqrstuvwxyzABCDEF';
/** Marks beside letters: none of them is a letter that can be spelt. */
export const letterMarks = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
