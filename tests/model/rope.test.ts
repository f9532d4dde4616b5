/** @file Rotary frequencies: plain, and scaled as transformers scales them. */
import { describe, expect, it } from 'vitest';
import { inverseFrequencies } from '#model/rope.ts';

/** Llama-3.2-1B. */
const rotary = { headSize: 64, ropeTheta: 500_000 };
const llama3 = {
	kind: 'llama3',
	factor: 32,
	lowFrequencyFactor: 1,
	highFrequencyFactor: 4,
	originalContextLength: 8192,
} as const;

describe('the frequencies of a head', () => {
	it('fall from one radian per token by equal ratios', () => {
		const plain = inverseFrequencies(rotary);
		expect(plain).toHaveLength(32);
		expect(plain[0]).toBe(1);
		expect(plain[31]).toBeCloseTo(500_000 ** (-62 / 64), 12);
		expect(inverseFrequencies(rotary)).toBe(plain);
	});

	it('are those of transformers for Llama-3.2-1B', () => {
		const scaled = inverseFrequencies({ ...rotary, ropeScaling: llama3 });
		// ROPE_INIT_FUNCTIONS["llama3"] of transformers 4.57, entries 0, 14, 15, 16, 17, 18, 31.
		const recorded = [
			1.0, 0.0032114461, 0.001290548, 0.00042955671, 9.7082862e-5, 1.9461639e-5, 9.4183065e-8,
		];
		expect([0, 14, 15, 16, 17, 18, 31].map((i) => scaled[i])).toBeAllclose(recorded, {
			relative: 1e-5,
			absolute: 0,
		});
	});

	it('of a linear scaling are all divided by its factor', () => {
		const scaled = inverseFrequencies({ ...rotary, ropeScaling: { kind: 'linear', factor: 4 } });
		expect(scaled).toEqual(inverseFrequencies(rotary).map((f) => f / 4));
	});
});
