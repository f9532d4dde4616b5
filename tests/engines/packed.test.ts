/** @file Packed weights: exact forms speak as F32 does, a LoRA lies beside them, and they come and go without a reload. */
import { describe, expect, it } from 'vitest';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { chooseWeightFormat } from '#engines/weight-formats.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import { loraTargets } from '#model/adapter.ts';
import { packWeights, planWeights } from '#model/packing/packing.ts';
import type { WeightForm } from '#model/weight-store.ts';
import { rowFor } from '#platform/open-model.ts';
import { randomModel } from '../model/packing/random-blocks.ts';
import { lora, options, prompts, spec, tokenizer } from './stored-model.ts';

/** Counts how often weights are loaded. */
function counted(runtime: GraphRuntime): { runtime: GraphRuntime; opened: () => number } {
	let opened = 0;
	return {
		runtime: { ...runtime, open: (...graph) => (opened++, runtime.open(...graph)) },
		opened: () => opened,
	};
}
const runtime = openNodeRuntime(1);

describe.each(['Q8_0', 'Q4_0', 'Q4_1', 'Q5_1', 'Q4_K', 'Q6_K'] satisfies WeightForm[])(
	'a model stored in %s',
	(stored) => {
		it('says the same in blocks as in F32, alone and in a batch, with and without a LoRA', async () => {
			const { store, tensors } = randomModel(spec, stored);
			const floats = createOnnxEngine({ runtime, spec, weights: tensors, tokenizer });
			const packed = createOnnxEngine({
				runtime,
				spec,
				weights: { form: 'nbits', store },
				tokenizer,
			});
			for (const adapter of [null, lora(4, ['q_proj', 'down_proj'], 5), null]) {
				await floats.setAdapter(adapter);
				await packed.setAdapter(adapter);
				const wanted = await floats.generate(prompts, options);
				const given = await packed.generate(prompts, options);
				expect(given.map((g) => g.tokens)).toEqual(wanted.map((g) => g.tokens));
				given.forEach(({ logprobs }, i) => {
					expect(logprobs).toBeAllclose(wanted[i]?.logprobs ?? [], {
						relative: 1e-3,
						absolute: 1e-4,
					});
				});
			}
			await floats.dispose();
			await packed.dispose();
		});
	},
);

describe('packed weights', () => {
	it('are read once for all LoRAs of known modules, and the base answers are those of before to the bit', async () => {
		const { store } = randomModel(spec, 'Q4_1');
		const { runtime: watched, opened } = counted(runtime);
		const engine = createOnnxEngine({
			runtime: watched,
			spec,
			weights: { form: 'nbits', store, targets: loraTargets },
			tokenizer,
		});
		const base = await engine.generate(prompts, options);
		await engine.setAdapter(lora(8, ['up_proj'], 1));
		const adapted = await engine.generate(prompts, options);
		expect(adapted).not.toEqual(base);
		await engine.setAdapter(lora(2, ['q_proj', 'v_proj', 'down_proj'], 2));
		await engine.generate(prompts, options);
		await engine.setAdapter(null);
		expect(await engine.generate(prompts, options)).toEqual(base);
		expect(opened()).toBe(1);
		await engine.dispose();
	});

	it('say which form they are in, and refuse an adapter that changes them', async () => {
		const { store, tensors } = randomModel(spec, 'Q4_1');
		const weights = { form: 'nbits', store } as const;
		const engine = createOnnxEngine({ runtime, spec, weights, tokenizer });
		expect(engine.description).toBe(
			'onnxruntime-node, 1 thread, weights in blocks of 4 bits, as they are stored',
		);
		await engine.setAdapter({ parameters: { kind: 'full' }, tensors });
		await expect(engine.generate(prompts, options)).rejects.toThrow(/form f32/);
		await engine.dispose();
	});

	it('are read one by one, each tensor in a buffer of its own', async () => {
		const { store } = randomModel(spec, 'Q4_1');
		for (const form of ['nbits', 'f32'] as const) {
			let count = 0;
			for await (const { data } of packWeights(planWeights(spec, store.stored, form), store)) {
				count++;
				expect(data.buffer.byteLength).toBe(data.length);
			}
			expect(count).toBeGreaterThan(0);
		}
	});
});

describe('the form that is chosen', () => {
	const large = { ...spec, vocabularySize: 100_000, hiddenSize: 512 };
	const stored = (form: WeightForm) => new Map([['x', { shape: [2, 32], form }]]);
	const { weights: node } = rowFor({ at: 'terminal', size: 'large' });
	const { weights: wasm } = rowFor({ at: 'page', size: 'large' });
	it('is F32 for a small model, and in Node for one stored so; else the kernel, where it suits the model', () => {
		expect(chooseWeightFormat('auto', wasm, spec, stored('Q4_1'))).toBe('f32');
		expect(chooseWeightFormat('auto', node, large, stored('Q4_1'))).toBe('kernel');
		expect(chooseWeightFormat('auto', node, large, stored('F16'))).toBe('f32');
		expect(chooseWeightFormat('auto', wasm, large, stored('F16'))).toBe('kernel');
		expect(chooseWeightFormat('auto', wasm, { ...large, headSize: 6 }, stored('F16'))).toBe(
			'nbits',
		);
		expect(chooseWeightFormat('auto', { form: 'nbits' }, large, stored('F16'))).toBe('nbits');
		expect(chooseWeightFormat('nbits', wasm, large, stored('Q4_1'))).toBe('nbits');
	});
});
