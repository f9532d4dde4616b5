/** @file AdamW and clipping against torch.optim. */
import { describe, expect, test } from 'vitest';
import { updateAdamW } from '#training/optimizer/adamw.ts';
import { clipFactor, globalNorm } from '#training/optimizer/clip.ts';
import expected from '../../fixtures/adamw/expected.json' with { type: 'json' };

describe.each(expected.cases)(
	'with decay $options.weightDecay, epsilon $options.epsilon, clip $options.clip',
	({ options, parameters, norms, first, second }) => {
		test('every step is the one PyTorch makes', () => {
			const values = Float32Array.from(expected.start);
			const [m, v] = [new Float32Array(values.length), new Float32Array(values.length)];
			expected.gradients.forEach((row, i) => {
				const gradient = Float32Array.from(row);
				const norm = globalNorm([gradient]);
				expect([norm]).toBeAllclose([norms[i] ?? NaN]);
				const gradientScale = clipFactor(norm, options.clip);
				updateAdamW(values, gradient, m, v, i + 1, { ...options, gradientScale });
				expect(values).toBeAllclose(parameters[i] ?? [], { relative: 2e-6, absolute: 1e-7 });
			});
			expect(m).toBeAllclose(first, { relative: 1e-5, absolute: 1e-12 });
			expect(v).toBeAllclose(second, { relative: 1e-5, absolute: 1e-20 });
		});
	},
);

test('a parameter without gradient is moved by decay alone', () => {
	const value = Float32Array.of(2);
	const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.5 };
	updateAdamW(value, Float32Array.of(0), new Float32Array(1), new Float32Array(1), 1, options);
	expect(value).toBeAllclose([2 * (1 - 0.1 * 0.5)]);
});

test('gradients that do not fit the parameter are refused before anything moves', () => {
	const value = Float32Array.of(1, 2);
	const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };
	const zeros = () => new Float32Array(2);
	expect(() => {
		updateAdamW(value, Float32Array.of(1), zeros(), zeros(), 1, options);
	}).toThrow('adamw: 1 gradients for 2 parameters; they must match.');
	expect([...value]).toEqual([1, 2]);
});

test('the norm spans all arrays and tells what is not finite', () => {
	expect(globalNorm([Float32Array.of(3), Float32Array.of(0, 4)])).toBe(5);
	expect(globalNorm([Float32Array.of(1, NaN)])).toBeNaN();
	expect(globalNorm([Float32Array.of(1, Infinity)])).toBe(Infinity);
	// Squares beyond F32 do not overflow.
	expect(globalNorm([Float32Array.of(1e30)])).toBeCloseTo(1e30, -24);
});

test('clipping only ever shrinks, and a limit of 0 is off', () => {
	expect(clipFactor(0.5, 1)).toBe(1);
	expect(clipFactor(4, 1)).toBeCloseTo(0.25, 5);
	expect(clipFactor(4, 0)).toBe(1);
});
