/** @file Rows that begin alike, computed once on the kernel: log-probabilities of the same bits, gradients of the same sum. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openKernelGradients, type KernelOptions } from '#training/kernel/kernel-gradients.ts';
import { runOf } from '#training/kernel/kernel-run.ts';
import { prefixGroups } from '#training/kernel/prefix-groups.ts';
import type { WeightedBatch } from '#training/trainer.ts';
import { familyNames, loadFamilyFixture } from '../../fixtures/transformer/families.ts';
import { builds } from '../../kernel/builds.ts';
import { randomModel } from '../../model/packing/random-blocks.ts';
import { distance, randomAdapter, randomBatch, wide } from './kernel-cases.ts';

const row = (text: string): Int32Array => Int32Array.from(text, (one) => one.charCodeAt(0));

/** Every row begins with the tokens of the first, or of the second; one says the same as another. */
function alike(batch: WeightedBatch, shared: number): WeightedBatch {
	const tokens = batch.tokens.slice();
	for (let i = 2; i < batch.batch; i++) {
		const from = (i % 2) * batch.length;
		const count = i === batch.batch - 1 ? batch.length : shared;
		tokens.set(batch.tokens.subarray(from, from + count), i * batch.length);
	}
	return { ...batch, tokens };
}

describe('groups of rows that begin alike', () => {
	it('saves most: one message for all, or a question for some', () => {
		expect(prefixGroups(['abcdefx', 'abcdefy', 'abcdez', 'zzzzz'].map(row))).toEqual([
			{ rows: [0, 1, 2], prefix: 5 },
			{ rows: [3], prefix: 0 },
		]);
		const asked = ['syst:what?1', 'syst:who??1', 'syst:what?2', 'syst:who??2', 'syst:who??3'];
		expect(prefixGroups(asked.map(row))).toEqual([
			{ rows: [0, 2], prefix: 10 },
			{ rows: [1, 3, 4], prefix: 10 },
		]);
	});

	it('leaves each row a token, and short beginnings as they are', () => {
		expect(prefixGroups(['abcdef', 'abcdef'].map(row))).toEqual([{ rows: [0, 1], prefix: 5 }]);
		const none = (count: number) =>
			Array.from({ length: count }, (_, i) => ({ rows: [i], prefix: 0 }));
		expect(prefixGroups(['abcx', 'abcy', 'a', ''].map(row))).toEqual(none(4));
		expect(prefixGroups([])).toEqual([]);
	});

	it('saves as much as the best of all partitions', () => {
		const draw = random(5);
		const partitions = (items: readonly number[]): (readonly (readonly number[])[])[] => {
			const [first, ...rest] = items;
			if (first === undefined) return [[]];
			return partitions(rest).flatMap((groups) => [
				[[first], ...groups],
				...groups.map((group, i) => groups.with(i, [first, ...group])),
			]);
		};
		for (let trial = 0; trial < 40; trial++) {
			const rows = Array.from({ length: 6 }, () =>
				Int32Array.from({ length: draw.integer(1, 12) }, () => draw.integer(0, 9) && 1),
			);
			const saved = (group: readonly number[]): number => {
				const all = group.map((i) => [...(rows[i] ?? [])]);
				let prefix = Math.min(...all.map(({ length }) => length - 1));
				while (all.some((one) => one.slice(0, prefix).join() !== all[0]?.slice(0, prefix).join()))
					prefix--;
				return prefix < 4 ? 0 : prefix * (group.length - 1);
			};
			const sum = (groups: readonly (readonly number[])[]): number =>
				groups.reduce((total, group) => total + saved(group), 0);
			const most = Math.max(...partitions([...rows.keys()]).map(sum));
			const found = prefixGroups(rows);
			expect(sum(found.map(({ rows }) => rows))).toBe(most);
			expect(found.reduce((n, { rows, prefix }) => n + prefix * (rows.length - 1), 0)).toBe(most);
			const run = runOf(rows, true);
			expect(run.tokens + most).toBe(rows.reduce((n, { length }) => n + length, 0));
			rows.forEach((tokens, i) => {
				expect(run.places[i]).toHaveLength(tokens.length);
			});
		}
	});
});

describe.each(builds)('rows that begin alike, on the kernel, %s', (build) => {
	it.each(familyNames)('are as good as each alone: %s', async (name) => {
		const f = await loadFamilyFixture(name);
		const { parameters, tensors } = f.adapter;
		const length = Math.min(24, f.spec.contextLength);
		const batch = alike(randomBatch(f.spec, 7, length), length - 5);
		const kernel = await openNodeKernel(2, build);
		const store = tensorStore(f.weights);
		const open = (options: KernelOptions) =>
			openKernelGradients(kernel, f.spec, store, parameters, options);
		const alone = await open({ sharesPrefixes: false });
		const right = await alone.gradients(tensors, batch);
		const logprobs = await alone.logprobs(tensors, batch);
		for (const options of [{}, { activations: 'recomputed' }, { tokensPerRun: 60 }] as const) {
			const shared = await open(options);
			const got = await shared.gradients(tensors, batch);
			expect([got.loss]).toBeAllclose([right.loss]);
			for (const [key, gradient] of right.gradients)
				expect(distance(got.gradients.get(key), gradient), key).toBeLessThan(1e-5);
			expect(await shared.logprobs(tensors, batch)).toEqual(logprobs);
			await shared.dispose();
		}
		await kernel.dispose();
	});

	it('give the same bits on any number of threads, and with the lower layers from a cache', async () => {
		const { parameters, tensors } = randomAdapter(wide, 8);
		const { store } = randomModel(wide, 'Q8_0');
		const batch = alike(randomBatch(wide, 9, 70), 50);
		const results = [];
		for (const threads of [1, 2, 3]) {
			const kernel = await openNodeKernel(threads, build);
			const all = await openKernelGradients(kernel, wide, store, parameters);
			const top = await openKernelGradients(kernel, wide, store, parameters, { topLayers: 1 });
			const whole = await all.gradients(tensors, batch);
			const [first, again] = [
				await top.gradients(tensors, batch),
				await top.gradients(tensors, batch),
			];
			expect(again).toEqual(first);
			expect(first.loss).toBe(whole.loss);
			for (const [key, gradient] of first.gradients)
				if (key.startsWith('model.layers.1.')) expect(gradient).toEqual(whole.gradients.get(key));
			results.push(whole);
			await kernel.dispose();
		}
		expect(results[1]).toEqual(results[0]);
		expect(results[2]).toEqual(results[0]);
	});
});
