/** @file 16-bit floats: exact widening, rounding to nearest even. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBf16, fromF16, toBf16, toF16 } from '#model/checkpoint/half.ts';

const everyHalf = Uint16Array.from({ length: 0x10000 }, (_, i) => i);

/** What the 16 bits mean, by the definition of the format. */
function meaning(bits: number, exponentBits: number, mantissaBits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >>> mantissaBits) & (2 ** exponentBits - 1);
	const mantissa = bits & (2 ** mantissaBits - 1);
	const bias = 2 ** (exponentBits - 1) - 1;
	if (exponent === 2 ** exponentBits - 1) return mantissa ? NaN : sign * Infinity;
	return exponent === 0
		? sign * mantissa * 2 ** (1 - bias - mantissaBits)
		: sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}

describe.each([
	{ name: 'F16', widen: fromF16, narrow: toF16, exponentBits: 5, mantissaBits: 10 },
	{ name: 'BF16', widen: fromBf16, narrow: toBf16, exponentBits: 8, mantissaBits: 7 },
])('$name', ({ widen, narrow, exponentBits, mantissaBits }) => {
	const values = widen(everyHalf);

	it('widens each of the 65536 patterns to the number it stands for', () => {
		for (let i = 0; i < values.length; i++)
			if (!Object.is(values[i], meaning(i, exponentBits, mantissaBits)))
				expect(values[i], `pattern ${i}`).toBe(meaning(i, exponentBits, mantissaBits));
	});

	it('narrows each of them back to itself, and NaN to a NaN', () => {
		const back = narrow(values);
		for (let i = 0; i < back.length; i++)
			if (back[i] !== i)
				expect([i, meaning(back[i] ?? 0, exponentBits, mantissaBits)]).toEqual([i, NaN]);
	});

	it('rounds any F32 to the nearest, and a tie to the even one', () => {
		// All finite values in order; infinity stands one step beyond the largest.
		const infinity = (2 ** exponentBits - 1) * 2 ** mantissaBits;
		const at = (bits: number) =>
			bits === infinity
				? 2 ** (2 ** (exponentBits - 1))
				: meaning(bits, exponentBits, mantissaBits);
		const check = (x: number) => {
			const [bits = 0] = narrow(Float32Array.of(x));
			expect(bits >>> 15).toBe(Object.is(x, -0) || x < 0 ? 1 : 0);
			const size = bits & 0x7fff;
			const error = Math.abs(Math.abs(x) - at(size));
			for (const next of [size - 1, size + 1]) {
				if (next < 0 || next > infinity) continue;
				const other = Math.abs(Math.abs(x) - at(next));
				// Beyond the half-way point to infinity everything is infinity.
				if (size === infinity && Math.abs(x) > at(infinity)) continue;
				expect(error < other || (error === other && size % 2 === 0), `${x}`).toBe(true);
			}
		};
		fc.assert(
			fc.property(
				fc.oneof(
					fc.float({ noNaN: true, noDefaultInfinity: true }),
					fc.float({ noNaN: true, min: -7, max: 7 }),
					fc.float({ noNaN: true, min: Math.fround(-1e-4), max: Math.fround(1e-4) }),
					// Exact ties, and one F32 step to either side of them.
					fc
						.tuple(fc.integer({ min: 0, max: infinity - 1 }), fc.constantFrom(-1, 0, 1))
						.map(([low, step]) => {
							const tie = Float32Array.of((at(low) + at(low + 1)) / 2);
							const bits = new Int32Array(tie.buffer);
							bits[0] = Math.max(0, Math.min(0x7f7fffff, (bits[0] ?? 0) + step));
							return tie[0] ?? 0;
						}),
				),
				check,
			),
			{ numRuns: 5000 },
		);
	});

	it('keeps infinities, and turns no NaN into infinity', () => {
		const bits = Uint32Array.of(0x7f800000, 0xff800000, 0x7f800001, 0x7fffffff, 0xff800001);
		const back = widen(narrow(new Float32Array(bits.buffer)));
		expect([...back]).toEqual([Infinity, -Infinity, NaN, NaN, NaN]);
	});
});
