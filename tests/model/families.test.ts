/** @file The table of families: configs there and back, GGUF's names, and a family that differs from Llama in its context alone. */
import { afterAll, describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { writeConfig } from '#model/checkpoint/export.ts';
import { architectures, ggufArchitecture, ggufName } from '#model/checkpoint/gguf/names.ts';
import { families, layerWeights } from '#model/families.ts';
import { readSpec, weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openKernelGradients } from '#training/kernel/kernel-gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { readFixtureFile, loadTransformerFixture } from '../fixtures/transformer/load.ts';

const sizes = {
	vocab_size: 32,
	hidden_size: 16,
	intermediate_size: 24,
	num_hidden_layers: 2,
	num_attention_heads: 4,
	num_key_value_heads: 2,
	head_dim: 4,
};
const specOf = (architecture: string, entries: Readonly<Record<string, unknown>> = {}): ModelSpec =>
	readSpec({ ...sizes, architectures: [architecture], ...entries });

describe.each(Object.keys(families))('%s', (architecture) => {
	const family = families[architecture];

	it('comes back from the config.json that is written of it', () => {
		const spec = specOf(architecture, { max_position_embeddings: 300, eos_token_id: 5 });
		expect(readSpec(writeConfig(spec))).toEqual(spec);
		expect(writeConfig(spec)).toMatchObject({ model_type: family?.modelType });
	});

	it('has the weights that its entry in the table says, each with a name of its own in GGUF', () => {
		const names = [...weightShapes(specOf(architecture)).keys()];
		const ggufNames = names.map((name) => ggufName(name));
		expect(ggufNames).not.toContain(undefined);
		expect(new Set(ggufNames).size).toBe(names.length);
		const has = (ending: string) => names.some((name) => name.endsWith(ending));
		expect(has('q_proj.bias')).toBe(family?.attentionBias === true);
		expect(has('k_norm.weight')).toBe(family?.queryKeyNorm === true);
		expect(has('o_proj.bias') || has('mlp.up_proj.bias')).toBe(false);
		expect(names.filter((name) => name.startsWith('model.layers.1.')).length).toBe(
			layerWeights.length - (family?.queryKeyNorm ? 0 : 2) + (family?.attentionBias ? 3 : 0),
		);
	});

	it('is read from GGUF as itself, or as the family that it is written as', () => {
		const read = architectures.get(ggufArchitecture(architecture) ?? '');
		expect(read).toBe(architecture === 'MistralForCausalLM' ? 'LlamaForCausalLM' : architecture);
	});
});

describe('Mistral', () => {
	const runtime = openNodeRuntime(1);
	afterAll(() => runtime.dispose());
	const of = (entries: Readonly<Record<string, unknown>>) => specOf('MistralForCausalLM', entries);

	it('ends its context where its window does, within which attention is full', () => {
		const long = { max_position_embeddings: 32_768 };
		expect(of({ ...long, sliding_window: 1024 }).contextLength).toBe(1024);
		expect(of({ ...long, sliding_window: null }).contextLength).toBe(32_768);
		expect(of({ max_position_embeddings: 512, sliding_window: 1024 }).contextLength).toBe(512);
		// What transformers assumes of a silent config.
		expect(of(long).contextLength).toBe(4096);
		expect(of({ sliding_window: null }).contextLength).toBe(131_072);
		for (const window of [0, -1, 1.5, '4096', true])
			expect(() => of({ sliding_window: window })).toThrow(
				'sliding_window must be null or a whole number from 1',
			);
	});

	it('computes what Llama computes with the same weights: on ONNX and on the kernel', async () => {
		const f = await loadTransformerFixture('llama-gqa');
		const config: unknown = JSON.parse(
			new TextDecoder().decode(await readFixtureFile('llama-gqa', 'config.json')),
		);
		const spec = readSpec({ ...Object(config), architectures: ['MistralForCausalLM'] });
		expect(spec.architecture).toBe('MistralForCausalLM');
		const { parameters, tensors } = f.adapter;
		const kernel = await openNodeKernel(1);
		const store = tensorStore(f.weights);
		for (const open of [
			() => openOnnxGradients(runtime, spec, f.weights, parameters),
			() => openKernelGradients(kernel, spec, store, parameters),
		]) {
			const backend = await open();
			const { loss, gradients } = await backend.gradients(tensors, f.batch);
			expect([loss / f.batch.normaliser]).toBeAllclose([f.lora.loss]);
			for (const [name, { data }] of f.lora.gradients)
				expect(
					gradients.get(name)?.map((g) => g / f.batch.normaliser),
					name,
				).toBeAllclose(data, { relative: 1e-4, absolute: 1e-5 });
			const logprobs = await backend.logprobs(tensors, f.batch);
			expect(logprobs).toBeAllclose(f.lora.logprobs.data, { relative: 1e-5, absolute: 1e-5 });
			await backend.dispose();
		}
		await kernel.dispose();
	});
});
