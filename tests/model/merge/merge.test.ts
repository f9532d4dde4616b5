/** @file Merged adapters: PEFT's numbers, what is exact, and what is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import type { Adapter } from '#model/adapter.ts';
import { dropAndRescale } from '#model/merge/dare.ts';
import type { MergeMethod } from '#model/merge/combine.ts';
import { merge } from '#model/merge/merge.ts';
import { mergeBySign, trim } from '#model/merge/ties.ts';
import { mergedTensors } from '#model/checkpoint/merge.ts';
import type { TensorMap } from '#model/tensor.ts';
import expected from '../../fixtures/merge/expected.json' with { type: 'json' };

const module = 'model.layers.0.self_attn.q_proj';
const matrix = (rows: readonly (readonly number[])[]) => ({
	shape: [rows.length, rows[0]?.length ?? 0],
	data: Float32Array.from(rows.flat()),
});
const loras = expected.adapters.map(({ rank, alpha, A, B }): Adapter => ({
	parameters: { kind: 'lora', rank, alpha, targets: ['q_proj'] },
	tensors: new Map([
		[`${module}.lora_A.weight`, matrix(A)],
		[`${module}.lora_B.weight`, matrix(B)],
	]),
}));
const inputs = (adapters: readonly Adapter[], weights: readonly number[]) =>
	adapters.map((adapter, i) => ({ adapter, weight: weights[i] ?? 0 }));
const full = (values: readonly number[]): Adapter => ({
	parameters: { kind: 'full' },
	tensors: new Map([['w', matrix([values])]]),
});
const numbers = ({ tensors }: { readonly tensors: TensorMap }) => [
	...(tensors.get('w')?.data ?? []),
];
/** The change of the weight that a LoRA makes. */
const deltaOf = ({ parameters, tensors }: Adapter) => {
	const zero = new Map([[`${module}.weight`, { shape: [4, 5], data: new Float32Array(20) }]]);
	if (parameters.kind === 'full') throw new Error('This is no LoRA.');
	return mergedTensors(zero, parameters, tensors).get(`${module}.weight`)?.data ?? [];
};

describe('LoRAs', () => {
	test.each([
		[{ name: 'linear' }, 2],
		[{ name: 'ties', density: 0.6 }, 2],
		[{ name: 'cat' }, 3],
	] as const)('%j gives PEFT’s factors', (method, count) => {
		const merged = merge(inputs(loras.slice(0, count), expected.weights), method);
		const { A, B, delta } = expected.cases[method.name];
		const tolerance = { relative: 1e-5, absolute: 1e-6 };
		expect(merged.tensors.get(`${module}.lora_A.weight`)).toMatchObject({ shape: matrix(A).shape });
		expect(merged.tensors.get(`${module}.lora_A.weight`)?.data).toBeAllclose(A.flat(), tolerance);
		expect(merged.tensors.get(`${module}.lora_B.weight`)?.data).toBeAllclose(B.flat(), tolerance);
		expect(deltaOf(merged)).toBeAllclose(delta.flat(), { relative: 1e-4, absolute: 1e-5 });
	});

	test('by "cat" change the weights by exactly the weighted sum of their changes', () => {
		const merged = merge(inputs(loras, expected.weights), { name: 'cat' });
		expect(merged.parameters).toMatchObject({ rank: 8, alpha: 8 });
		const changes = loras.map(deltaOf);
		const sum = Array.from({ length: 20 }, (_, i) =>
			changes.reduce((s, change, k) => s + (expected.weights[k] ?? 0) * (change[i] ?? 0), 0),
		);
		expect(deltaOf(merged)).toBeAllclose(sum, { relative: 1e-4, absolute: 1e-5 });
	});

	test('one alone at weight 1 is itself, whatever the method keeps all of', () => {
		const methods: readonly MergeMethod[] = [
			{ name: 'linear' },
			{ name: 'cat' },
			{ name: 'ties', density: 1 },
			{ name: 'dare-linear', density: 1, seed: 1 },
		];
		for (const method of methods)
			for (const lora of loras)
				expect(deltaOf(merge([{ adapter: lora, weight: 1 }], method))).toBeAllclose(
					[...deltaOf(lora)],
					{ relative: 1e-4, absolute: 1e-5 },
				);
	});

	test('of other ranks, modules or kinds are refused with a sentence', () => {
		const refused = (adapters: readonly Adapter[], method: MergeMethod = { name: 'linear' }) =>
			expect(() => merge(inputs(adapters, [1, 1]), method));
		refused([]).toThrow('nothing to merge');
		refused(loras.slice(1)).toThrow('Of other ranks only "cat"');
		refused([...loras.slice(0, 1), full([1])]).toThrow('Only LoRAs on the same modules');
		refused([full([1]), ...loras.slice(0, 1)]).toThrow('Only LoRAs on the same modules');
	});
});

describe('sets of all weights', () => {
	const base = full([1, 1, 1]).tensors;

	test('are averaged to a soup without their base, and added up as task vectors over it', () => {
		const both = [full([2, 4, 1]), full([4, 0, 1])];
		expect(numbers(merge(inputs(both, [0.5, 0.5]), { name: 'linear' }))).toEqual([3, 2, 1]);
		expect(() => merge(inputs(both, [1, 1]), { name: 'linear' })).toThrow('over their base');
		expect(numbers(merge(inputs(both, [1, 1]), { name: 'linear' }, base))).toEqual([5, 3, 1]);
		expect(numbers(merge(inputs(both, [1, 0.5]), { name: 'ties', density: 1 }, base))).toEqual([
			// (1·1 + 0.5·3) / 2; the second disagrees with the sum; nothing moved.
			2.25, 4, 1,
		]);
	});
});

describe('TIES', () => {
	test('merges vectors as PEFT does', () => {
		const vectors = expected.vectors.map((vector) => Float32Array.from(vector));
		for (const { density, merged } of expected.ties)
			expect(
				mergeBySign(
					vectors.map((vector) => trim(vector, density)),
					expected.weights,
				),
			).toBeAllclose(merged, { relative: 1e-5, absolute: 1e-7 });
	});

	test('trims to the largest values', () => {
		expect([...trim(Float32Array.of(3, -5, 1, 4), 0.5)]).toEqual([0, -5, 0, 4]);
	});
});

describe('DARE', () => {
	test('keeps the expectation of a vector, and the same values for the same seed', () => {
		fc.assert(
			fc.property(fc.integer(), fc.double({ min: 0.2, max: 0.9, noNaN: true }), (seed, density) => {
				const ones = new Float32Array(20_000).fill(1);
				const kept = dropAndRescale(ones, density, random(seed));
				const mean = kept.reduce((a, b) => a + b) / ones.length;
				expect(Math.abs(mean - 1)).toBeLessThan(0.1);
				expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / density)]));
				expect(dropAndRescale(ones, density, random(seed))).toEqual(kept);
			}),
			{ numRuns: 20 },
		);
	});

	test('drops other values of each adapter, by its seed', () => {
		const wide = full(Array<number>(64).fill(1));
		const origin = full(Array<number>(64).fill(0)).tensors;
		const merged = (seed: number, name: 'dare-linear' | 'dare-ties' = 'dare-linear') =>
			numbers(merge(inputs([wide, wide], [1, 1]), { name, density: 0.5, seed }, origin));
		expect(new Set(merged(1))).toEqual(new Set([0, 2, 4]));
		expect(new Set(merged(1, 'dare-ties'))).toEqual(new Set([0, 2]));
		expect(merged(1)).toEqual(merged(1));
		expect(merged(1)).not.toEqual(merged(2));
	});
});
