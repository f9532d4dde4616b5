/** @file What the kernel holds of a stored weight: its own blocks where they are of 32 values, else Q8_0 of its values. */
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { quantize } from '#model/checkpoint/gguf/quantize.ts';
import { readBlocks } from '#model/packing/blocks.ts';
import type { WeightForm, WeightStore } from '#model/weight-store.ts';
import type { ReadWeight } from './reference.ts';

export interface Held {
	/** [rows, columns] */
	readonly values: Float32Array;
	/** Of each block of 32 of each row, rows filled up to whole blocks: w = scale · q + offset. */
	readonly scales: Float32Array;
	readonly offsets: Float32Array;
	readonly quants: Uint8Array;
}

const rounded: readonly WeightForm[] = ['F32', 'F16', 'BF16', 'Q6_K'];

export function heldOf(form: WeightForm, raw: Uint8Array, columns: number): Held {
	if (!rounded.includes(form)) {
		const blocks = readBlocks(form, raw);
		const zero = ['Q8_0', 'Q5_0', 'Q5_1'].includes(form) ? 128 : 8;
		const offsets = blocks.scales.map((scale, i) => (blocks.offsets?.[i] ?? 0) - zero * scale);
		return { ...blocks, offsets, values: dequantize(form, raw) };
	}
	const values = dequantize(form, raw);
	const rows = values.length / columns;
	const width = Math.ceil(columns / 32) * 32;
	const wide = new Float32Array(rows * width);
	for (let r = 0; r < rows; r++)
		wide.set(values.subarray(r * columns, (r + 1) * columns), r * width);
	const bytes = quantize('Q8_0', wide);
	const again = dequantize('Q8_0', bytes);
	const { scales, quants } = readBlocks('Q8_0', bytes);
	return {
		values: Float32Array.from(
			values,
			(_, i) => again[Math.floor(i / columns) * width + (i % columns)] ?? 0,
		),
		scales,
		offsets: scales.map((scale) => -128 * scale),
		quants,
	};
}

/** Every weight of a model as the kernel holds it. */
export async function heldWeights(store: WeightStore): Promise<ReadWeight> {
	const held = new Map<string, Float32Array>();
	for (const [name, { form, shape }] of store.stored)
		held.set(
			name,
			shape.length === 2
				? heldOf(form, await store.raw(name), shape[1] ?? 1).values
				: await store.floats(name),
		);
	return (name) => held.get(name) ?? [];
}
