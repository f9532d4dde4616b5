/** @file PEFT adapters: read as PEFT wrote them, refused by name where we cannot do the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readPeftAdapter, writePeftAdapter } from '#model/checkpoint/peft.ts';
import { readSafetensors, writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { loraTargets } from '#model/adapter.ts';
import type { Tensor, TensorMap } from '#model/tensor.ts';
import {
	loadTransformerFixture,
	modelNames,
	readFixtureFile,
} from '../fixtures/transformer/load.ts';

const model = 'llama-gqa';
const { spec, adapter } = await loadTransformerFixture(model);
const parse = (bytes: Uint8Array) =>
	JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
const config = parse(await readFixtureFile(model, 'adapter/adapter_config.json'));
const tensors = readSafetensors(
	await readFixtureFile(model, 'adapter/adapter_model.safetensors'),
).tensors;

/** PEFT's adapter with other config entries or tensors. */
const readWith = (
	entries: Readonly<Record<string, unknown>>,
	changed: TensorMap = tensors,
	base = config,
) =>
	readPeftAdapter(
		(name) =>
			Promise.resolve(
				name === 'adapter_config.json'
					? new TextEncoder().encode(JSON.stringify({ ...base, ...entries }))
					: writeSafetensors(changed),
			),
		spec,
	);
const withTensor = (name: string, tensor: Tensor): TensorMap =>
	new Map([...tensors, [name, tensor]]);
const some = (shape: readonly number[]): Tensor => ({
	shape,
	data: new Float32Array(shape.reduce((n, d) => n * d, 1)),
});
const layer = 'base_model.model.model.layers';

describe('reading what PEFT wrote', () => {
	it.each(modelNames)('gives the adapter of %s', async (name) => {
		const fixture = await loadTransformerFixture(name);
		const read = await readPeftAdapter(
			(file) => readFixtureFile(name, `adapter/${file}`),
			fixture.spec,
		);
		expect(read.parameters).toEqual(fixture.adapter.parameters);
		expect(new Map(read.tensors)).toEqual(new Map(fixture.adapter.tensors));
	});

	it('turns rank-stabilised scaling into the alpha that gives the same scale', async () => {
		const { parameters } = await readWith({ use_rslora: true });
		expect(parameters).toMatchObject({ rank: 3, alpha: 5 * Math.sqrt(3) });
	});

	it('needs no more than peft_type, target_modules, r and lora_alpha', async () => {
		const least = { peft_type: 'LORA', r: 3, lora_alpha: 5, target_modules: 'all-linear' };
		expect(await readWith(least, tensors, {})).toEqual(adapter);
	});

	it('learns the modules from the tensors where target_modules is a pattern', async () => {
		const attention = new Map([...tensors].filter(([name]) => name.includes('self_attn')));
		const { parameters } = await readWith({ target_modules: '.*self_attn.*' }, attention);
		expect(parameters).toMatchObject({ targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj'] });
	});
});

describe('refusing', () => {
	it.each([
		['use_dora', true],
		['modules_to_save', ['lm_head']],
		['fan_in_fan_out', true],
		['rank_pattern', { q_proj: 2.5 }],
		['rank_pattern', ['q_proj']],
		['alpha_pattern', { q_proj: '8' }],
		['alpha_pattern', { '(q_proj': 8 }],
		['layers_to_transform', ['0']],
		['layers_pattern', 3],
		['exclude_modules', [0]],
		['layer_replication', [[0, 1]]],
		['lora_bias', true],
		['bias', 'all'],
		['peft_type', 'IA3'],
		['init_lora_weights', 'pissa_niter_16'],
		['target_parameters', ['experts']],
		['trainable_token_indices', [1]],
		['r', 0],
		['r', 2.5],
		['r', '3'],
		['lora_alpha', null],
		['lora_alpha', '5'],
		['target_modules', []],
		['target_modules', undefined],
		['target_modules', ['q_proj', 'q_proj']],
		['target_modules', ['lm_head']],
		['use_rslora', 'yes'],
	])('names %s %j', async (name, value) => {
		const entries = { layers_to_transform: name === 'layers_pattern' ? [0] : null, [name]: value };
		await expect(readWith(entries)).rejects.toThrow(CheckpointError);
		await expect(readWith(entries)).rejects.toThrow(`adapter_config.json: ${name} `);
	});

	it.each([
		[`${layer}.0.self_attn.q_proj.lora_magnitude_vector`, some([16])],
		['base_model.model.lm_head.lora_A.weight', some([3, 16])],
		['base_model.model.model.embed_tokens.lora_embedding_A', some([3, 32])],
		['base_model.model.lm_head.weight', some([32, 16])],
		[`${layer}.2.self_attn.q_proj.lora_A.weight`, some([3, 16])],
		[`${layer}.0.other.q_proj.lora_A.weight`, some([3, 16])],
	])('names the tensor %s', async (name, tensor) => {
		await expect(readWith({}, withTensor(name, tensor))).rejects.toThrow(
			`adapter_model.safetensors: tensor "${name}" cannot be used`,
		);
	});

	it('names a factor of another rank, of another model, or missing', async () => {
		await expect(readWith({ r: 4 })).rejects.toThrow(
			'tensor "model.layers.0.self_attn.q_proj.lora_A.weight" has shape [3, 16], but this model with adapter_config.json asks for [4, 16]',
		);
		const name = `${layer}.1.mlp.up_proj.lora_B.weight`;
		await expect(readWith({}, withTensor(name, some([25, 3])))).rejects.toThrow('shape [25, 3]');
		const without = new Map(tensors);
		without.delete(name);
		await expect(readWith({}, without)).rejects.toThrow(
			'up_proj.lora_B.weight" [24, 3] is missing',
		);
	});

	it('names modules that config and tensors do not share, values that are no numbers, and emptiness', async () => {
		await expect(readWith({ target_modules: ['q_proj'] })).rejects.toThrow(
			'leaves it out; it says target_modules ["q_proj"]',
		);
		const q = new Map([...tensors].filter(([name]) => name.includes('q_proj')));
		await expect(readWith({ target_modules: ['q_proj', 'v_proj'] }, q)).rejects.toThrow(
			'v_proj.lora_A.weight" [3, 16] is missing',
		);
		const bad = { shape: [3, 16], data: new Float32Array(48).fill(NaN) };
		await expect(
			readWith({}, withTensor(`${layer}.0.self_attn.q_proj.lora_A.weight`, bad)),
		).rejects.toThrow('has a value that is not finite');
		await expect(readWith({}, new Map())).rejects.toThrow('holds no LoRA');
	});

	it('reads or refuses any config, and never fails otherwise', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...Object.keys(config)),
				fc.jsonValue(),
				async (name, value) => {
					const result = await readWith({ [name]: value }).catch((error: unknown) => error);
					if (result instanceof Error) expect(result).toBeInstanceOf(CheckpointError);
				},
			),
			{ numRuns: 300 },
		);
	});
});

describe('writing', () => {
	it('gives files that read as the same adapter, and the tensor bytes PEFT writes', async () => {
		const files = writePeftAdapter(adapter, { baseModel: 'seedling' });
		const again = await readPeftAdapter(
			(name) => Promise.resolve(files.get(name) ?? new Uint8Array()),
			spec,
		);
		expect(again).toEqual(adapter);
		expect(files.get('adapter_model.safetensors')).toEqual(
			await readFixtureFile(model, 'adapter/adapter_model.safetensors'),
		);
	});

	it('writes only entries PEFT writes too, with the same values', () => {
		const ours = parse(writePeftAdapter(adapter).get('adapter_config.json') ?? new Uint8Array());
		expect(config).toMatchObject(ours);
		expect(ours['target_modules']).toEqual(loraTargets);
	});

	it('sends those who changed all weights to the model folder', () => {
		expect(() => writePeftAdapter({ parameters: { kind: 'full' }, tensors: new Map() })).toThrow(
			'export a model folder instead',
		);
	});
});
