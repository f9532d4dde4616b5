/** @file PEFT adapters whose modules differ: left out, or with ranks and alphas of their own. */
import { describe, expect, it } from 'vitest';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { fillUp } from '#model/checkpoint/peft/fill.ts';
import { readPeftAdapter } from '#model/checkpoint/peft.ts';
import { readSafetensors, writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import type { Tensor, TensorMap } from '#model/tensor.ts';
import { loadTransformerFixture, readFixtureFile } from '../fixtures/transformer/load.ts';

const model = 'llama-gqa';
const { spec, adapter } = await loadTransformerFixture(model);
const { tensors } = readSafetensors(
	await readFixtureFile(model, 'adapter/adapter_model.safetensors'),
);

/** The adapter of PEFT (rank 3, alpha 5) with other config entries or tensors. */
const readWith = (entries: Readonly<Record<string, unknown>>, changed: TensorMap = tensors) => {
	const config = { peft_type: 'LORA', r: 3, lora_alpha: 5, target_modules: loraTargets };
	const files = new Map([
		['adapter_config.json', new TextEncoder().encode(JSON.stringify({ ...config, ...entries }))],
		['adapter_model.safetensors', writeSafetensors(changed)],
	]);
	return readPeftAdapter((name) => Promise.resolve(files.get(name) ?? new Uint8Array()), spec);
};
const some = (shape: readonly number[]): Tensor => ({
	shape,
	data: new Float32Array(shape.reduce((n, d) => n * d, 1)),
});

describe('modules that differ', () => {
	/** Effective change of a module, alpha / r · B·A. */
	const changeOf = ({ parameters, tensors: factors }: Adapter, module: string): number[] => {
		if (parameters.kind !== 'lora') throw new Error('no LoRA');
		const down = factors.get(`${module}.lora_A.weight`);
		const up = factors.get(`${module}.lora_B.weight`);
		const [rank = 0, columns = 0] = down?.shape ?? [];
		const [rows = 0] = up?.shape ?? [];
		return Array.from({ length: rows * columns }, (_, i) => {
			let sum = 0;
			for (let k = 0; k < rank; k++)
				sum +=
					(up?.data[Math.floor(i / columns) * rank + k] ?? 0) *
					(down?.data[k * columns + (i % columns)] ?? 0);
			return (sum * parameters.alpha) / parameters.rank;
		});
	};
	const [first, second] = [0, 1].map((at) => `model.layers.${at}.self_attn.q_proj`) as [
		string,
		string,
	];
	const without = (gone: (key: string) => boolean) =>
		new Map([...tensors].filter(([key]) => !gone(key)));
	/** The first row of A and column of B of a module. */
	const lowRank = (module: string): TensorMap =>
		new Map(
			[...tensors].map(([key, { shape, data }]) => {
				const [rows = 0, columns = 0] = shape;
				if (key === `base_model.model.${module}.lora_A.weight`)
					return [key, { shape: [1, columns], data: data.slice(0, columns) }];
				if (key === `base_model.model.${module}.lora_B.weight`)
					return [key, { shape: [rows, 1], data: data.filter((_, i) => i % columns === 0) }];
				return [key, { shape, data }];
			}),
		);

	it.each([
		['excluded by their path', { exclude_modules: [first] }],
		['excluded by the end of it', { exclude_modules: ['0.self_attn.q_proj'] }],
		['excluded by an expression', { exclude_modules: String.raw`.*\.0\.self_attn\.q_proj` }],
	])('change nothing if they are %s', async (_, entries) => {
		const read = await readWith(
			entries,
			without((key) => key.includes(first)),
		);
		expect(read.parameters).toEqual(adapter.parameters);
		expect(new Set(changeOf(read, first))).toEqual(new Set([0]));
		expect(changeOf(read, second)).toEqual(changeOf(adapter, second));
	});

	it.each([
		[[1], null],
		[1, 'layers'],
		[
			[1, 9],
			['blocks', 'layers'],
		],
	])('change nothing outside of the layers %j', async (layers, pattern) => {
		const read = await readWith(
			{ layers_to_transform: layers, layers_pattern: pattern },
			without((key) => key.includes('layers.0.')),
		);
		expect(new Set(changeOf(read, first))).toEqual(new Set([0]));
		expect(changeOf(read, second)).toEqual(changeOf(adapter, second));
	});

	it('are missing if the config selects them, and too many if it does not', async () => {
		await expect(
			readWith(
				{ layers_to_transform: [0, 1] },
				without((key) => key.includes('layers.0.')),
			),
		).rejects.toThrow('is missing');
		await expect(readWith({ layers_to_transform: [1] })).rejects.toThrow(
			'has model.layers.0.mlp.down_proj, but adapter_config.json leaves it out',
		);
	});

	it('may be named by a path, beside names that other families have', async () => {
		const only = new Map([...tensors].filter(([key]) => key.includes(first)));
		const read = await readWith(
			{ target_modules: ['layers.0.self_attn.q_proj', 'query_key_value'] },
			only,
		);
		expect(read.parameters).toMatchObject({ rank: 3, alpha: 5, targets: ['q_proj'] });
		expect(changeOf(read, first)).toEqual(changeOf(adapter, first));
		expect(new Set(changeOf(read, second))).toEqual(new Set([0]));
	});

	it.each([
		[false, 2],
		[true, 2 * Math.sqrt(1)],
	])('have ranks and alphas of their own (use_rslora %j)', async (stabilised, scale) => {
		const changed = lowRank(first);
		const read = await readWith(
			{
				...{ rank_pattern: { [first]: 1 }, alpha_pattern: { 'layers.[01].self_attn.q_proj': 2 } },
				use_rslora: stabilised,
			},
			changed,
		);
		expect(read.parameters).toMatchObject({ rank: 3 });
		const a = changed.get(`base_model.model.${first}.lora_A.weight`)?.data ?? [];
		const b = changed.get(`base_model.model.${first}.lora_B.weight`)?.data ?? [];
		expect(changeOf(read, first)).toBeAllclose(
			[...b].flatMap((up) => [...a].map((down) => scale * up * down)),
		);
		const even = await readWith({ lora_alpha: 2, use_rslora: stabilised });
		expect(changeOf(read, second)).toBeAllclose(changeOf(even, second));
		const plain = await readWith({ use_rslora: stabilised });
		const value = 'model.layers.1.self_attn.v_proj';
		expect(changeOf(read, value)).toEqual(changeOf(plain, value));
	});

	it('must have the rank that the config says', async () => {
		await expect(
			readWith({ rank_pattern: { '0.self_attn.q_proj': 2 } }, lowRank(first)),
		).rejects.toThrow('adapter_config.json asks for [2, 16]');
	});

	it('are refused if one rank for all takes too much memory', async () => {
		const wide = 2 ** 16;
		const changed = new Map([
			...tensors,
			[`base_model.model.${first}.lora_A.weight`, some([wide, 16])] as const,
			[`base_model.model.${first}.lora_B.weight`, some([16, wide])] as const,
		]);
		await expect(readWith({ rank_pattern: { [first]: wide } }, changed)).resolves.toBeDefined();
		expect(() =>
			fillUp(
				new Map(),
				Array.from({ length: 100 }, (_, i) => ({
					name: String(i),
					out: 64,
					into: 64,
					trained: null,
				})),
				{ rank: wide, scale: 1 },
				'adapter_model.safetensors',
			),
		).toThrow(/rank 65536 for each module .* merge it into the model/);
	});
});
