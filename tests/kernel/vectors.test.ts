/** @file e^x and silu of the kernel over their whole range, read where a layer leaves them. */
import { expect, it } from 'vitest';
import { loadModel } from '#engines/kernel/model.ts';
import { createRunner } from '#engines/kernel/decoder.ts';
import { openPages } from '#engines/kernel/pages.ts';
import * as Model from '#kernel/assembly/layout/model.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { toF16 } from '#model/checkpoint/half.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { testModel } from '../bench/models.ts';
import { builds } from './builds.ts';
import { silu } from './reference.ts';

const inner = 480;
const spec: ModelSpec = {
	...testModel,
	...{ vocabularySize: 8, hiddenSize: 32, intermediateSize: inner, layers: 1, rope: [false] },
	...{ heads: 1, keyValueHeads: 1, headSize: 32, normEpsilon: 0, contextLength: 32 },
};

/** Rows of Q4_1 that are zero but for their first number: 15 · scale. */
function firstNumbers(scales: readonly number[]): Uint8Array {
	const raw = new Uint8Array(20 * scales.length);
	[...toF16(Float32Array.from(scales))].forEach((half, row) => {
		raw.set([half & 255, half >> 8, 0, 0, 15], 20 * row);
	});
	return raw;
}

it.each(builds)('silu is that of float64 from −200 to 200 in the build %s', async (build) => {
	// Gates of both signs from 1e-3 to 200, denser where it bends.
	const gates = Array.from(
		{ length: inner },
		(_, i) => (i % 2 === 0 ? 1 : -1) * 1e-3 * 2e5 ** (Math.floor(i / 2) / (inner / 2 - 1)),
	);
	const rows = new Map([
		['model.layers.0.mlp.gate_proj.weight', firstNumbers(gates.map((gate) => gate / 15))],
		['model.layers.0.mlp.up_proj.weight', firstNumbers(gates.map(() => 1))],
	]);
	const shapes = weightShapes(spec);
	// Embeddings of 1 are normed to 1; o_proj adds nothing.
	const floats = (name: string): Float32Array =>
		new Float32Array(sizeOf(shapes.get(name) ?? [])).fill(name.includes('proj') ? 0 : 1);
	const store: WeightStore = {
		stored: new Map(
			[...shapes].map(([name, shape]) => [
				name,
				{ shape, form: rows.has(name) ? ('Q4_1' as const) : ('F32' as const) },
			]),
		),
		raw: (name) => Promise.resolve(rows.get(name) ?? new Uint8Array(floats(name).buffer)),
		floats: (name) => Promise.resolve(floats(name)),
	};
	const kernel = await openNodeKernel(1, build);
	const model = await loadModel(kernel, spec, store);
	createRunner(kernel, spec, model).run([{ id: 0, sequence: openPages(kernel.heap, spec, null) }]);
	const { buffer } = kernel.heap.memory;
	const at = new DataView(buffer).getUint32(model.at + Model.inner, true);
	const made = new Float32Array(buffer, at, inner);
	const held = dequantize(
		'Q4_1',
		rows.get('model.layers.0.mlp.gate_proj.weight') ?? new Uint8Array(),
	);
	made.forEach((value, i) => {
		const gate = held[32 * i] ?? NaN;
		// Below −80, where nothing is left, e^80 stands for more.
		const right = 15 * (gate < -80 ? gate / (1 + Math.exp(80)) : silu(gate));
		expect(Math.abs(value / right - 1), `silu(${gate})`).toBeLessThan(1e-6 + 3e-7 * Math.abs(gate));
	});
	expect(Math.max(...held)).toBeGreaterThan(199);
	await kernel.dispose();
});
