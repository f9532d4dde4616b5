/** @file Blocks of every stored form as whole numbers, scales and offsets: nothing is lost. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { layouts } from '#model/checkpoint/gguf/tensor-types.ts';
import { blockKind, isExact, readBlocks } from '#model/packing/blocks.ts';
import { weightForms, type WeightForm } from '#model/weight-store.ts';
import { randomBlocks } from './random-blocks.ts';

describe.each(weightForms.filter(isExact))('blocks of %s', (form: WeightForm) => {
	it('say the same numbers as the de-quantised weight', () => {
		const bytes = randomBlocks(form, 40, 7);
		const wanted = dequantize(form, bytes);
		const kind = blockKind(form, layouts[form].values);
		const { quants, scales, offsets } = readBlocks(form, bytes);
		expect(quants.length).toBe(wanted.length);
		expect(kind?.offsets).toBe(offsets !== undefined);
		const { size = 1, bits = 8 } = kind ?? {};
		expect(scales.length).toBe(wanted.length / size);
		const said = Float32Array.from(quants, (q, i) => {
			const block = Math.floor(i / size);
			return (scales[block] ?? NaN) * (q - 2 ** (bits - 1)) + (offsets?.[block] ?? 0);
		});
		// Offsets are sums that were rounded once more.
		expect(said).toBeAllclose(wanted, { relative: 1e-6, absolute: offsets ? 1e-6 : 0 });
		expect(Math.max(...quants)).toBeLessThan(2 ** bits);
	});
});

describe('blocks', () => {
	it('of F32 are those of Q8_0, half a step off at most', () => {
		const draw = random(3);
		const values = Float32Array.from({ length: 64 }, () => draw.next() - 0.5);
		const { quants, scales } = readBlocks('F32', new Uint8Array(values.buffer));
		values.forEach((x, i) => {
			const scale = scales[i >> 5] ?? 0;
			expect(Math.abs(scale * ((quants[i] ?? 0) - 128) - x)).toBeLessThanOrEqual(0.51 * scale);
		});
	});

	it('are not made of rows that end within one', () => {
		expect(blockKind('F32', 48)).toBeUndefined();
		expect(blockKind('Q6_K', 128)).toBeUndefined();
		expect(blockKind('Q8_0', 96)).toEqual({ bits: 8, size: 32, offsets: false });
	});
});
