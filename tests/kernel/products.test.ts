/** @file Products of the kernel: every weight form against float64, whatever the sizes, the threads and the build. */
import { afterAll, describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { createRunner } from '#engines/kernel/decoder.ts';
import { loadModel } from '#engines/kernel/model.ts';
import * as Model from '#kernel/assembly/layout/model.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { openNodeKernel, type KernelBuild } from '#kernel/node.ts';
import { layouts } from '#model/checkpoint/gguf/tensor-types.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import { weightForms, type WeightForm, type WeightStore } from '#model/weight-store.ts';
import { testModel } from '../bench/models.ts';
import { randomBlocks } from '../model/packing/random-blocks.ts';
import { builds } from './builds.ts';
import { heldOf } from './held.ts';
import { normed } from './reference.ts';

const open: Kernel[] = [];
afterAll(async () => {
	for (const kernel of open) await kernel.dispose();
});
const kernels = new Map<string, Promise<Kernel>>();
/** One kernel for all tests of a build and a number of threads. */
function kernelOf(build: KernelBuild, threads: number): Promise<Kernel> {
	const name = `${build} ${threads}`;
	const found = kernels.get(name) ?? openNodeKernel(threads, build);
	kernels.set(name, found);
	return found.then((kernel) => {
		if (!open.includes(kernel)) open.push(kernel);
		return kernel;
	});
}

/** A matrix under test: the head of a model that has nothing else worth a look. */
interface Matrix {
	readonly form: WeightForm;
	readonly rows: number;
	readonly columns: number;
	readonly raw: Uint8Array;
}

/** What the head made of some hidden states. */
interface Made {
	readonly normed: Float32Array;
	readonly quants: Int8Array;
	readonly scales: Float32Array;
	readonly y: Float32Array;
}

async function multiply(
	kernel: Kernel,
	{ form, rows, columns, raw }: Matrix,
	inputs: readonly Float32Array[],
): Promise<readonly Made[]> {
	const spec: ModelSpec = {
		...testModel,
		...{ vocabularySize: rows, hiddenSize: columns, intermediateSize: 4, layers: 1, rope: [false] },
		...{ heads: 1, keyValueHeads: 1, headSize: 4, tiedEmbeddings: false, contextLength: 32 },
	};
	const shapes = weightShapes(spec);
	const floats = (name: string) => new Float32Array(sizeOf(shapes.get(name) ?? [])).fill(1);
	const head = { form, shape: [rows, columns] };
	const store: WeightStore = {
		stored: new Map(
			[...shapes].map(([name, shape]) => [
				name,
				name === 'lm_head.weight' ? head : { form: 'F32' as const, shape },
			]),
		),
		raw: (name) =>
			Promise.resolve(name === 'lm_head.weight' ? raw : new Uint8Array(floats(name).buffer)),
		floats: (name) => Promise.resolve(floats(name)),
	};
	const model = await loadModel(kernel, spec, store);
	const runner = createRunner(kernel, spec, model);
	const { memory } = kernel.heap;
	const table = (place: number) => new DataView(memory.buffer).getUint32(model.at + place, true);
	const stride = Math.ceil(columns / 32) * 32;
	const made: Made[] = [];
	const x = table(Model.x);
	inputs.forEach((input, i) => {
		new Float32Array(memory.buffer, x + 4 * i * stride, columns).set(input);
	});
	const places = [...inputs.keys()];
	runner.logits(places, (place, logits) => {
		const i = place % 16;
		const { buffer } = memory;
		made[place] = {
			normed: new Float32Array(buffer, table(Model.normed) + 4 * i * stride, columns).slice(),
			quants: new Int8Array(buffer, table(Model.quants) + i * stride, stride).slice(),
			scales: new Float32Array(
				buffer,
				table(Model.scales) + (4 * i * stride) / 32,
				stride / 32,
			).slice(),
			y: logits.slice(),
		};
	});
	return made;
}

/** Whole numbers exactly; products within the rounding of their F32 sums. */
function expectRight({ form, rows, columns, raw }: Matrix, made: Made, input: Float32Array): void {
	const blocks = Math.ceil(columns / 32);
	const right = normed(Float64Array.from(input), Array(columns).fill(1), testModel.normEpsilon);
	expect(made.normed).toBeAllclose(right, { relative: 1e-6, absolute: 0 });
	for (let b = 0; b < blocks; b++) {
		const part = made.normed.subarray(32 * b, 32 * b + 32);
		const largest = part.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
		const inverse = Math.fround(127 / largest);
		expect(made.scales[b]).toBe(Math.fround(largest / 127));
		part.forEach((v, i) => {
			const scaled = Math.fround(v * inverse);
			expect(Math.abs((made.quants[32 * b + i] ?? NaN) - scaled)).toBeLessThanOrEqual(0.5);
		});
	}
	const { values, scales, offsets, quants } = heldOf(form, raw, columns);
	const zeroPadded = made.quants.subarray(columns);
	expect(zeroPadded.every((q) => q === 0)).toBe(true);
	for (let r = 0; r < rows; r++) {
		let [sum, size] = [0, 0];
		for (let b = 0; b < blocks; b++) {
			const s = made.scales[b] ?? NaN;
			const at = r * blocks + b;
			let [products, plain] = [0, 0];
			for (let i = 0; i < 32; i++) {
				const q = made.quants[32 * b + i] ?? NaN;
				products += q * (quants[32 * at + i] ?? NaN);
				plain += q;
				if (32 * b + i < columns) sum += s * q * (values[r * columns + 32 * b + i] ?? NaN);
			}
			size += Math.abs((scales[at] ?? NaN) * s * products);
			size += Math.abs((offsets[at] ?? NaN) * s * plain);
		}
		const error = Math.abs((made.y[r] ?? NaN) - sum);
		expect(error, `row ${r}`).toBeLessThanOrEqual((blocks + 8) * 2 ** -24 * size + 1e-30);
	}
}

const inputsOf = (count: number, columns: number): readonly Float32Array[] => {
	const draw = random(columns + count);
	return Array.from({ length: count }, () =>
		Float32Array.from({ length: columns }, () => draw.normal() * 10 ** draw.integer(-2, 1)),
	);
};
const bytesOfMatrix = (form: WeightForm, rows: number, columns: number): number =>
	(rows * columns) / layouts[form].values;

describe.each(builds)('the %s build', (build) => {
	describe.each(weightForms)('with a matrix in %s', (form) => {
		const whole = layouts[form].values > 32 ? 256 : 64;
		const sizes =
			layouts[form].values === 1
				? [
						[21, 44],
						[8, 32],
						[3, 4],
						[1030, 100],
					]
				: [
						[21, whole],
						[8, 2 * whole],
						[1030, whole],
					];

		it.each(sizes)('multiplies [%i, %i] as float64 does', async (rows = 0, columns = 0) => {
			const raw = randomBlocks(form, bytesOfMatrix(form, rows, columns), rows);
			const matrix = { form, rows, columns, raw };
			const inputs = inputsOf(5, columns);
			const made = await multiply(await kernelOf(build, 1), matrix, inputs);
			made.forEach((one, i) => {
				expectRight(matrix, one, inputs[i] ?? new Float32Array(columns));
			});
		});

		it('does not overflow where all numbers are the largest', async () => {
			const [rows, columns] = [16, 2 * whole];
			const inputs = [
				[1, 1],
				[-1, -1],
				[1, -1],
			].map((signs) => Float32Array.from({ length: columns }, (_, i) => signs[i % 2] ?? 0));
			// Four rows at once as well as one by one.
			inputs.push(...inputs);
			const random = randomBlocks(form, bytesOfMatrix(form, rows, columns), 1);
			for (const byte of [0x00, 0xff, 0x80, 0x7f]) {
				const raw = form === 'F32' || form.endsWith('F16') ? random : random.slice();
				if (raw !== random) fillQuants(form, raw, byte);
				const matrix = { form, rows, columns, raw };
				const made = await multiply(await kernelOf(build, 1), matrix, inputs);
				for (const { quants } of made) expect(quants.every((q) => Math.abs(q) === 127)).toBe(true);
				made.forEach((one, i) => {
					expectRight(matrix, one, inputs[i] ?? new Float32Array(columns));
				});
			}
		});
	});
});

/** Sets all of each block but its scale and offset. */
function fillQuants(form: WeightForm, raw: Uint8Array, byte: number): void {
	const { bytes } = layouts[form];
	const halves =
		form === 'Q6_K' ? [208, 209] : ['Q8_0', 'Q4_0', 'Q5_0'].includes(form) ? [0, 1] : [0, 1, 2, 3];
	for (let i = 0; i < raw.length; i++) if (!halves.includes(i % bytes)) raw[i] = byte;
}

describe('products', () => {
	it.each(['Q4_1', 'Q8_0'] as const)(
		'of %s are the same to the bit on 1, 2 and 3 threads, in both builds, for any number of tokens',
		async (form) => {
			const [rows, columns] = [1030, 256];
			const raw = randomBlocks(form, bytesOfMatrix(form, rows, columns), 7);
			const matrix = { form, rows, columns, raw };
			const inputs = inputsOf(64, columns);
			const first = await multiply(await kernelOf('plain', 1), matrix, inputs);
			for (const build of builds)
				for (const threads of [1, 2, 3])
					for (const count of [1, 2, 3, 4, 5, 17, 64]) {
						const made = await multiply(
							await kernelOf(build, threads),
							matrix,
							inputs.slice(0, count),
						);
						expect(made).toHaveLength(count);
						made.forEach(({ y }, i) => {
							expect(y).toEqual(first[i]?.y);
						});
					}
		},
	);
});
