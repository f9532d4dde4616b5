/** @file The matcher the numeric tests lean on must itself be able to fail. */
import { expect, test } from 'vitest';

test('toBeAllclose accepts what is within tolerance and rejects what is not', () => {
	expect([1, 2.00001]).toBeAllclose([1, 2]);
	expect([1, 2.001]).not.toBeAllclose([1, 2]);
	expect(new Float32Array([1, 2.05])).toBeAllclose([1, 2], { relative: 0.1 });
});

test('toBeAllclose rejects other lengths, NaN and infinities', () => {
	expect([1]).not.toBeAllclose([1, 1]);
	expect([Number.NaN]).not.toBeAllclose([0]);
	expect([0]).not.toBeAllclose([Number.NaN]);
	expect([Number.POSITIVE_INFINITY]).not.toBeAllclose([1]);
	expect([Number.POSITIVE_INFINITY]).toBeAllclose([Number.POSITIVE_INFINITY]);
});
