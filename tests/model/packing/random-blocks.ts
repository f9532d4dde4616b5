/** @file Random blocks of a stored form, and a store of a whole model made of them. */
import { random } from '#base/random.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { bytesOf, layouts } from '#model/checkpoint/gguf/tensor-types.ts';
import { toF16 } from '#model/checkpoint/half.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf, type Tensor } from '#model/tensor.ts';
import type { WeightForm, WeightStore } from '#model/weight-store.ts';

/** Where the halves stand in a block. */
const halves: Readonly<Partial<Record<WeightForm, readonly number[]>>> = {
	Q8_0: [0],
	Q4_0: [0],
	Q4_1: [0, 2],
	Q5_0: [0],
	Q5_1: [0, 2],
	Q4_K: [0, 2],
	Q6_K: [208],
};

/** Offset for a scale of 1: K blocks take theirs away, times a number that is drawn as that of the scale is. */
const middles: Readonly<Partial<Record<WeightForm, number>>> = { Q4_1: -8, Q5_1: -16, Q4_K: 8 };

/** Random quants with scales and offsets of about `size`. */
export function randomBlocks(form: WeightForm, blocks: number, seed: number, size = 0.01) {
	const draw = random(seed);
	const { bytes, values } = layouts[form];
	const all = Uint8Array.from({ length: blocks * bytes }, () => draw.integer(0, 255));
	const places = halves[form];
	if (!places) {
		const numbers = Float32Array.from({ length: blocks * values }, () => size * draw.normal());
		return new Uint8Array(form === 'F32' ? numbers.buffer : toF16(numbers).buffer);
	}
	for (let block = 0; block < blocks; block++)
		places.forEach((at, i) => {
			// The offset puts the middle of the whole numbers near zero.
			const d = size * (0.5 + draw.next());
			const [half = 0] = toF16(Float32Array.of(i === 0 ? d : d * (middles[form] ?? 0)));
			all[block * bytes + at] = half & 255;
			all[block * bytes + at + 1] = half >> 8;
		});
	return all;
}

/** A model of random blocks: matrices in one form, scales of about `size`, norms in F32; with its values de-quantised. */
export function randomModel(
	spec: ModelSpec,
	form: WeightForm,
	size = 0.01,
): { readonly store: WeightStore; readonly tensors: ReadonlyMap<string, Tensor> } {
	const raw = new Map<string, { form: WeightForm; bytes: Uint8Array; shape: readonly number[] }>();
	let seed = 1;
	for (const [name, shape] of weightShapes(spec)) {
		const norm = new Uint8Array(Float32Array.from({ length: sizeOf(shape) }, () => 1).buffer);
		raw.set(
			name,
			shape.length < 2
				? { form: 'F32', bytes: norm, shape }
				: {
						form,
						bytes: randomBlocks(form, sizeOf(shape) / layouts[form].values, seed++, size),
						shape,
					},
		);
	}
	const find = (name: string) => {
		const found = raw.get(name);
		if (found?.bytes.length !== bytesOf(found?.form ?? 'F32', sizeOf(found?.shape ?? [])))
			throw new Error(`no ${name}`);
		return found;
	};
	const floats = (name: string): Float32Array => dequantize(find(name).form, find(name).bytes);
	return {
		store: {
			stored: new Map([...raw].map(([name, weight]) => [name, weight])),
			raw: (name) => Promise.resolve(find(name).bytes),
			floats: (name) => Promise.resolve(floats(name)),
		},
		tensors: new Map([...raw].map(([name, { shape }]) => [name, { shape, data: floats(name) }])),
	};
}
