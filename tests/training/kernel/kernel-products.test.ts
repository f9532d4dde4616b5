/** @file The head on the kernel, which is a product there and one back, against float64: deep, wide, of no whole pieces. */
import { expect, it } from 'vitest';
import { random } from '#base/random.ts';
import * as Learn from '#kernel/assembly/layout/learn.ts';
import { openNodeKernel } from '#kernel/node.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { WeightForm } from '#model/weight-store.ts';
import { openKernelBlocks } from '#training/kernel/kernel-blocks.ts';
import { runOf } from '#training/kernel/kernel-run.ts';
import { holding, loadLearningModel } from '#training/kernel/kernel-weights.ts';
import { builds } from '../../kernel/builds.ts';
import { randomModel } from '../../model/packing/random-blocks.ts';
import { randomAdapter, wide } from './kernel-cases.ts';

/** Inputs, outputs, rows: below and above what a product goes deep at a time (768), a tile (4 by 8) and a piece (32). */
const shapes: readonly (readonly [WeightForm, number, number, number])[] = [
	['F32', 780, 1003, 11],
	['F32', 4, 5, 1],
	['F16', 772, 33, 4],
	['Q8_0', 800, 1003, 7],
	['Q4_1', 1536, 1551, 5],
	['Q6_K', 1024, 777, 6],
];

it.each(builds.flatMap((build) => shapes.map(([...shape]) => [build, ...shape] as const)))(
	'%s: %s, %i to %i, %i rows',
	async (build, form, inputs, outputs, count) => {
		const spec: ModelSpec = {
			...wide,
			layers: 1,
			hiddenSize: inputs,
			intermediateSize: form === 'F32' || form === 'F16' ? 8 : 256,
			heads: form === 'F32' || form === 'F16' ? 1 : 8,
			keyValueHeads: form === 'F32' || form === 'F16' ? 1 : 8,
			vocabularySize: outputs,
		};
		const { store, tensors } = randomModel(spec, form, form === 'Q6_K' ? 4e-5 : 5e-3);
		const { parameters } = randomAdapter(spec, 8);
		const kernel = await openNodeKernel(2, build);
		if (parameters.kind !== 'lora') throw new Error('a LoRA');
		const held = holding(kernel.heap);
		const model = await loadLearningModel(kernel, spec, store, parameters, held);
		let job = 0;
		const watched = {
			...kernel,
			run: (at: number) => {
				job = at;
				kernel.run(at);
			},
		};
		const blocks = openKernelBlocks(watched, spec, model, count, held);
		const draw = random(3);
		const hidden = Float32Array.from({ length: count * inputs }, () => draw.normal());
		const targets = Int32Array.from({ length: count }, () => draw.integer(0, outputs - 1));
		const weights = Float32Array.from({ length: count }, () => draw.normal());
		const anchors = Float32Array.from({ length: 2 * count }, () => draw.normal());
		blocks.begin(runOf([new Int32Array(count)], false));
		blocks.write(hidden);
		blocks.clear();
		const logprobs = blocks.head([...targets.keys()], targets, { weights, anchors });

		const table = tensors.get('model.embed_tokens.weight')?.data ?? new Float32Array();
		const words = new Uint32Array(kernel.heap.memory.buffer);
		const back = (words[(job + Learn.dNormed) / 4] ?? 0) / 4;
		const stride = words[(job + Learn.hiddenStride) / 4] ?? 0;
		const floats = new Float32Array(kernel.heap.memory.buffer);
		for (let i = 0; i < count; i++) {
			const row = Array.from(hidden.subarray(i * inputs, (i + 1) * inputs));
			const by = 1 / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / inputs + spec.normEpsilon);
			const logits = Array.from({ length: outputs }, (_, o) =>
				row.reduce((sum, v, c) => sum + v * by * (table[o * inputs + c] ?? 0), 0),
			);
			const total = logits.reduce((sum, v) => sum + Math.exp(v), 0);
			const target = targets[i] ?? 0;
			expect(logprobs[i]).toBeCloseTo((logits[target] ?? 0) - Math.log(total), 4);
			const [reference = 0, strength = 0] = anchors.subarray(2 * i);
			const pull = strength * (reference - (logits[target] ?? 0) + Math.log(total));
			const d = logits.map(
				(v, o) => ((weights[i] ?? 0) + pull) * (Math.exp(v) / total - (o === target ? 1 : 0)),
			);
			let [difference, size] = [0, 0];
			for (let c = 0; c < inputs; c++) {
				const right = d.reduce((sum, v, o) => sum + v * (table[o * inputs + c] ?? 0), 0);
				difference += (right - (floats[back + i * stride + c] ?? NaN)) ** 2;
				size += right ** 2;
			}
			expect(Math.sqrt(difference / size)).toBeLessThan(1e-5);
		}
		await kernel.dispose();
	},
);
