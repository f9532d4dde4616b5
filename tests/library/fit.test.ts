/** @file What fits where, against the figures it was reckoned from, and in words where it does not. */
import { describe, expect, test } from 'vitest';
import { parameterCount, readSpec } from '#model/spec.ts';
import type { WeightForm } from '#model/weight-store.ts';
import { fit } from '#library/fit.ts';
import { multiplySpeed, type Probe } from '#library/probe.ts';

const gib = 2 ** 30;
const spec = (sizes: Readonly<Record<string, number>>) =>
	readSpec({ architectures: ['LlamaForCausalLM'], tie_word_embeddings: true, ...sizes });
const smollm2 = spec({
	vocab_size: 49_152,
	hidden_size: 576,
	intermediate_size: 1536,
	num_hidden_layers: 30,
	num_attention_heads: 9,
	num_key_value_heads: 3,
	max_position_embeddings: 8192,
});
const eightBillion = spec({
	vocab_size: 128_256,
	hidden_size: 4096,
	intermediate_size: 14_336,
	num_hidden_layers: 32,
	num_attention_heads: 32,
	num_key_value_heads: 8,
	max_position_embeddings: 8192,
});
const smollm2Large = spec({
	vocab_size: 49_152,
	hidden_size: 2048,
	intermediate_size: 8192,
	num_hidden_layers: 24,
	num_attention_heads: 32,
	num_key_value_heads: 32,
	max_position_embeddings: 8192,
});
const page: Probe = { where: 'page', cores: 2, memoryBytes: 8 * gib, memoryIsLeast: true };
const terminal: Probe = { where: 'terminal', cores: 2, memoryBytes: 16 * gib };

describe('SmolLM2-135M, which was measured', () => {
	test('has 134.5 million weights', () => {
		expect(parameterCount(smollm2)).toBe(134_515_008);
	});

	test('needs the memory that was measured, give or take a third', () => {
		const { speak, train } = fit({ spec: smollm2, downloadBytes: 0 }, page);
		const near = (bytes: number, measured: number) => {
			expect(bytes / measured).toBeGreaterThan(2 / 3);
			expect(bytes / measured).toBeLessThan(2);
		};
		// 118 MB of wasm, 377 MB of keys and values for the whole context, and the page itself
		near(speak[0]?.bytes ?? 0, 118e6 + 377e6 + 200e6);
		// 1182 MB of the whole renderer while it only learnt, and what speaks
		near(train.bytes, 1182e6 + 118e6);
	});

	test('is as fast as it was, within a range that says how unsure it is', () => {
		const { speak, train, basis } = fit({ spec: smollm2, downloadBytes: 0 }, page);
		const [low = 0, high = 0] = speak[0]?.tokensPerSecond ?? [];
		expect(low).toBeLessThanOrEqual(99);
		expect(high).toBeGreaterThanOrEqual(128);
		expect(train.tokensPerSecond[0]).toBeLessThanOrEqual(92);
		expect(train.tokensPerSecond[1]).toBeGreaterThanOrEqual(123);
		expect(basis).toMatch(/Reckoned from SmolLM2-135M on two cores/);
	});

	test('fits everywhere it should', () => {
		for (const probe of [page, terminal]) {
			const found = fit({ spec: smollm2, downloadBytes: 98e6 }, probe);
			expect([...found.speak, found.train].map(({ verdict }) => verdict)).toEqual(
				Array.from({ length: found.speak.length + 1 }, () => 'fits'),
			);
			expect(found.remedy).toBe('');
		}
	});
});

describe('what does not fit', () => {
	test('eight billion weights are too big for a page, with a remedy', () => {
		const { speak, train, remedy } = fit({ spec: eightBillion, downloadBytes: 0 }, page);
		expect([...speak, train].every(({ verdict }) => verdict === 'too-big')).toBe(true);
		expect(remedy).toMatch(/choose a model with fewer parameters/);
	});

	test.each([
		['Q4_K', 'fits'],
		['Q8_0', 'fits'],
		['BF16', 'fits'],
		['F32', 'too-big'],
	] as const)(
		'1.7 billion weights in %s: speaking and learning have 4 GiB each in a page, so training %s',
		(form, verdict) => {
			const large = { ...page, memoryBytes: 32 * gib, memoryIsLeast: false };
			const found = fit({ spec: smollm2Large, form, downloadBytes: 0 }, large);
			expect(found.speak[0]?.verdict).toBe('fits');
			expect(found.train.verdict).toBe(verdict);
		},
	);

	test('16-bit weights are trained in 16 bits', () => {
		const bytes = (form: WeightForm) =>
			fit({ spec: smollm2, form, downloadBytes: 0 }, page).train.bytes;
		expect((bytes('F16') - bytes('Q8_0')) / 134_515_008).toBeCloseTo(0.7, 6);
		expect(bytes('F32') - bytes('BF16')).toBe(2 * 134_515_008);
	});

	test('a full disk comes first', () => {
		const space = { used: 950e6, quota: 1000e6 };
		const found = fit({ spec: smollm2, downloadBytes: 98e6 }, { ...page, space });
		expect(found.disk.verdict).toBe('too-big');
		expect(found.remedy).toMatch(/free disk space/);
	});

	test('a machine of little memory speaks but does not train', () => {
		const found = fit(
			{ spec: smollm2, downloadBytes: 0 },
			{ ...page, memoryBytes: 1.25 * gib, memoryIsLeast: false },
		);
		expect(found.speak[0]?.verdict).toBe('fits');
		expect(found.train.verdict).toBe('too-big');
		expect(found.remedy).toMatch(/can speak here/);
	});

	test('nothing is claimed of a browser that does not report its memory', () => {
		const found = fit({ spec: smollm2, downloadBytes: 0 }, { where: 'page', cores: 4 });
		expect(found.speak[0]?.verdict).toBe('unknown');
		expect(found.disk.verdict).toBe('unknown');
	});
});

describe('speed', () => {
	const least = (probe: Probe) =>
		fit({ spec: smollm2, downloadBytes: 0 }, probe).speak[0]?.tokensPerSecond[0] ?? 0;
	test('rises with cores and with a faster machine, falls with weights', () => {
		expect(least({ ...page, cores: 8 })).toBeGreaterThan(least(page));
		expect(least({ ...page, cores: 1 })).toBeLessThan(least(page));
		expect(least({ ...page, gigaflops: 100 })).toBeGreaterThan(least({ ...page, gigaflops: 0.1 }));
		const big = fit({ spec: eightBillion, downloadBytes: 0 }, terminal).speak[0];
		expect(big?.tokensPerSecond[1]).toBeLessThan(3);
	});

	test('does not rise without end as models get smaller', () => {
		const tiny = spec({
			vocab_size: 40,
			hidden_size: 32,
			intermediate_size: 64,
			num_hidden_layers: 2,
			num_attention_heads: 2,
		});
		const [need] = fit({ spec: tiny, downloadBytes: 0 }, page).speak;
		expect(need?.tokensPerSecond[1]).toBeLessThanOrEqual(2000);
	});

	test('the probe gives a number, soon', () => {
		const start = performance.now();
		expect(multiplySpeed(() => performance.now())).toBeGreaterThan(0.01);
		expect(performance.now() - start).toBeLessThan(5000);
	});
});
