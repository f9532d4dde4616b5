/** @file Models, adapters and batches of random numbers for learning on the kernel, and how far two gradients lie apart. */
import { random } from '#base/random.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { loraShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { WeightedBatch } from '#training/trainer.ts';
import { testModel } from '../../bench/models.ts';

/** |a − b| / |b| over all values. */
export function distance(a: Float32Array | undefined, b: Float32Array): number {
	let [difference, size] = [0, 0];
	b.forEach((v, i) => {
		difference += ((a?.[i] ?? NaN) - v) ** 2;
		size += v ** 2;
	});
	return Math.sqrt(difference / size);
}

/** Deeper than a product goes at a time, and of no whole tiles or pieces where a form allows it. */
export const wide: ModelSpec = {
	...testModel,
	layers: 2,
	intermediateSize: 1024,
	vocabularySize: 1004,
};

export function randomAdapter(spec: ModelSpec, rank: number): Adapter {
	const parameters = { kind: 'lora', rank, alpha: 2 * rank, targets: loraTargets } as const;
	const draw = random(7);
	const tensors = new Map(
		[...loraShapes(spec, parameters)].map(([name, shape]) => [
			name,
			{ shape, data: Float32Array.from({ length: sizeOf(shape) }, () => 0.02 * draw.normal()) },
		]),
	);
	return { parameters, tensors };
}

/** Rows of 2 to `length` tokens, some of their targets without weight. */
export function randomBatch(spec: ModelSpec, rows: number, length: number): WeightedBatch {
	const draw = random(11);
	const weights = new Float32Array(rows * (length - 1));
	for (let row = 0; row < rows; row++) {
		const last = row === 0 ? length - 1 : draw.integer(1, length - 1);
		for (let t = 0; t < last; t++)
			weights[row * (length - 1) + t] = draw.next() < 0.3 ? 0 : draw.normal();
	}
	const tokens = Int32Array.from({ length: rows * length }, () =>
		draw.integer(0, spec.vocabularySize - 1),
	);
	return { batch: rows, length, tokens, weights, normaliser: rows };
}
