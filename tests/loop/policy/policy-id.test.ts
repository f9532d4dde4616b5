/** @file Policy ids: the same weights, the same name; any other weight, another. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { policyId } from '#loop/policy/policy-id.ts';
import type { Adapter } from '#model/adapter.ts';

const adapterOf = (values: readonly number[]): Adapter => ({
	parameters: { kind: 'full' },
	tensors: new Map([['w', { shape: [values.length], data: Float32Array.from(values) }]]),
});

test('is 16 hex digits, the same for equal weights, wherever they lie in memory', () => {
	const id = policyId('addition', adapterOf([1, 2, 3]));
	expect(id).toMatch(/^[0-9a-f]{16}$/);
	const data = new Float32Array([9, 1, 2, 3]).subarray(1);
	const elsewhere = { ...adapterOf([]), tensors: new Map([['w', { shape: [3], data }]]) };
	expect(policyId('addition', elsewhere)).toBe(id);
});

test('changes with any weight, its place, its name, the base and the kind of adapter', () => {
	fc.assert(
		fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 2 }), fc.nat(), (values, at) => {
			const changed = values.with(at % values.length, (values[at % values.length] ?? 0) + 1);
			fc.pre(
				!Float32Array.from(values).every((v, i) => Object.is(v, Math.fround(changed[i] ?? 0))),
			);
			expect(policyId('m', adapterOf(changed))).not.toBe(policyId('m', adapterOf(values)));
		}),
	);
	const one = adapterOf([1, 2]);
	const ids = [
		policyId('m', null),
		policyId('n', null),
		policyId('m', one),
		policyId('n', one),
		policyId('m', adapterOf([2, 1])),
		policyId('m', { ...one, tensors: new Map([...one.tensors].map(([, t]) => ['v', t])) }),
		policyId('m', { ...one, parameters: { kind: 'lora', rank: 1, alpha: 1, targets: [] } }),
	];
	expect(new Set(ids).size).toBe(ids.length);
});

test('one bit in a large adapter is enough, and 20,000 neighbours do not collide', () => {
	const values = new Float32Array(1000);
	const ids = new Set<string>();
	for (let i = 0; i < 20_000; i++) {
		values[i % 1000] = Math.fround((values[i % 1000] ?? 0) + 1e-6);
		ids.add(policyId('m', adapterOf(Array.from(values.subarray(0, 16)))) + String(i >= 1000));
	}
	expect(ids.size).toBeGreaterThan(300);
	const [before, after] = [new Float32Array(100_000), new Float32Array(100_000)];
	after[77_777] = 1e-45;
	const idOf = (data: Float32Array) =>
		policyId('m', { ...adapterOf([]), tensors: new Map([['w', { shape: [data.length], data }]]) });
	expect(idOf(before)).not.toBe(idOf(after));
});
