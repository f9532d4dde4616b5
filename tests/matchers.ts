/** @file Vitest's asymmetric matchers, typed: they stand for a value, and are not `any`. */
import { expect } from 'vitest';

/** Text that matches. */
export const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
/** Any number. */
export const aNumber: unknown = expect.any(Number);
/** A number within 0.005. */
export const near = (value: number): unknown => expect.closeTo(value);
