/** @file Model folders: loaded whole or refused by name; what we write, Python has read. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { exportAdapter, writeConfig, writeModel } from '#model/checkpoint/export.ts';
import { loadModel } from '#model/checkpoint/load.ts';
import { readSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { readSpec, UnsupportedModelError } from '#model/spec.ts';
import { ourFiles } from '../fixtures/checkpoint/ours.ts';
import {
	loadTransformerFixture,
	modelNames,
	readFixtureFile,
} from '../fixtures/transformer/load.ts';

const folder = new URL('../fixtures/checkpoint/', import.meta.url);
const recorded = async (name: string) => new Uint8Array(await readFile(new URL(name, folder)));
const utf8 = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** The folder we exported, with some files replaced. */
const reading = (changed: Readonly<Record<string, Uint8Array>> = {}) => {
	const asked: string[] = [];
	const read = (name: string) => {
		asked.push(name);
		return changed[name] ? Promise.resolve(changed[name]) : recorded(`ours/model/${name}`);
	};
	return { asked, read };
};

describe('loading a model folder', () => {
	it('gives spec, weights and tokenizer', async () => {
		const { spec, weights, tokenizer } = await loadModel(reading().read);
		const fixture = await loadTransformerFixture('smollm3-nope');
		expect(spec).toEqual(fixture.spec);
		expect(new Map(weights)).toEqual(fixture.weights);
		expect(tokenizer.encode('1+1=<end>')).toEqual([3, 12, 3, 15, 1]);
	});

	it('takes a tokenizer of another kind through the library', async () => {
		const { spec, weights } = await loadTransformerFixture('smollm3-nope');
		const rows = { shape: [300, 16], data: new Float32Array(4800) };
		const wide = writeModel(
			{ ...spec, vocabularySize: 300 },
			new Map([...weights, ['model.embed_tokens.weight', rows]]),
		);
		const { read } = reading({
			...Object.fromEntries(wide),
			'tokenizer.json': await recorded('byte-level/tokenizer.json'),
		});
		const { tokenizer } = await loadModel(read);
		expect(tokenizer.decode(tokenizer.encode('Ünïcödé'))).toBe('Ünïcödé');
		await expect(
			loadModel(reading({ 'tokenizer.json': await recorded('byte-level/tokenizer.json') }).read),
		).rejects.toThrow('ids up to 299, but config.json says vocab_size 32');
	});

	it('names the first weight that is missing or has another shape', async () => {
		const { spec } = await loadTransformerFixture('smollm3-nope');
		const more = { ...writeConfig(spec), num_hidden_layers: 3, no_rope_layers: [0, 0, 0] };
		await expect(loadModel(reading({ 'config.json': utf8(more) }).read)).rejects.toThrow(
			'model.safetensors: tensor "model.layers.2.input_layernorm.weight" [16] is missing.',
		);
		const other = { ...writeConfig(spec), intermediate_size: 25 };
		await expect(loadModel(reading({ 'config.json': utf8(other) }).read)).rejects.toThrow(
			'tensor "model.layers.0.mlp.gate_proj.weight" has shape [24, 16], but config.json asks for [25, 16].',
		);
	});

	it('refuses a model it cannot run before it reads the weights', async () => {
		const { asked, read } = reading({
			'config.json': utf8({ architectures: ['GPT2LMHeadModel'] }),
		});
		await expect(loadModel(read)).rejects.toThrow(UnsupportedModelError);
		expect(asked).toEqual(['config.json']);
	});

	it.each(['config.json', 'tokenizer.json', 'model.safetensors'])(
		'refuses a %s of noise',
		async (name) => {
			await expect(loadModel(reading({ [name]: Uint8Array.of(1, 2, 255) }).read)).rejects.toThrow(
				CheckpointError,
			);
		},
	);

	it('passes on that a file is not there, and stops when told to', async () => {
		await expect(loadModel(() => Promise.reject(new Error('404 Not Found')))).rejects.toThrow(
			'404',
		);
		const { asked, read } = reading();
		await expect(loadModel(read, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
		expect(asked).toEqual(['config.json']);
	});
});

describe('exporting', () => {
	it('writes the files that Python has read', async () => {
		for (const [name, bytes] of await ourFiles())
			expect(new TextDecoder().decode(bytes), name).toBe(
				new TextDecoder().decode(await recorded(`ours/${name}`)),
			);
	});

	it('wrote a model and an adapter in which transformers and PEFT find the same logits', async () => {
		const found = readSafetensors(await recorded('logits-in-python.safetensors')).tensors;
		const { full, lora } = await loadTransformerFixture('smollm3-nope');
		expect(found.get('model')?.data).toBeAllclose(full.logits.data);
		expect(found.get('adapter')?.data).toBeAllclose(lora.logits.data);
		for (const name of modelNames)
			expect(found.get(`configs/${name}`)?.data, name).toBeAllclose(
				(await loadTransformerFixture(name)).full.logits.data,
			);
	});

	it.each(modelNames)('writes a config.json of %s that reads as the same spec', async (name) => {
		const { spec } = await loadTransformerFixture(name);
		expect(readSpec(writeConfig(spec))).toEqual(spec);
	});

	it('turns an adapter of all weights into a model folder, in 16 bits if asked', async () => {
		const { spec, weights } = await loadTransformerFixture('qwen3-norm');
		const files = exportAdapter(
			spec,
			{ parameters: { kind: 'full' }, tensors: weights },
			{ dtype: 'BF16' },
		);
		expect([...files.keys()]).toEqual(['config.json', 'model.safetensors']);
		const bytes = files.get('model.safetensors') ?? new Uint8Array();
		const whole = await readFixtureFile('qwen3-norm', 'model.safetensors');
		expect(bytes.length).toBeLessThan(0.65 * whole.length);
		const norm = readSafetensors(bytes).tensors.get('model.norm.weight')?.data ?? [];
		expect(norm).toBeAllclose(weights.get('model.norm.weight')?.data ?? [], { relative: 2 ** -8 });
		expect(() => exportAdapter(spec, { parameters: { kind: 'full' }, tensors: new Map() })).toThrow(
			'tensor "model.embed_tokens.weight" [32, 16] is missing',
		);
	});
});
