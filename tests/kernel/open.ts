/** @file A model on a kernel in Node, down to its runner. */
import type { Decoder } from '#engines/decoding/decoder.ts';
import { runLimits } from '#engines/decoding/limits.ts';
import { createRunner, kernelDecoder } from '#engines/kernel/decoder.ts';
import { createLoraSlots } from '#engines/kernel/lora.ts';
import { loadModel } from '#engines/kernel/model.ts';
import type { Kernel, KernelLimits } from '#kernel/kernel.ts';
import { openNodeKernel, type KernelBuild } from '#kernel/node.ts';
import type { Adapter } from '#model/adapter.ts';
import { random } from '#base/random.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { sizeOf } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';

export interface OpenedModel {
	readonly kernel: Kernel;
	decoder(adapter?: Adapter | null): Decoder;
}

export interface KernelChoice extends KernelLimits {
	readonly threads?: number;
	readonly build?: KernelBuild;
}

/** Opens a model; who asks disposes of the kernel. */
export async function openOnKernel(
	spec: ModelSpec,
	store: WeightStore,
	{ threads = 2, build = 'plain', ...limits }: KernelChoice = {},
): Promise<OpenedModel> {
	const kernel = await openNodeKernel(threads, build, limits);
	try {
		const model = await loadModel(kernel, spec, store);
		const runner = createRunner(kernel, spec, model);
		const slots = createLoraSlots(kernel, model);
		return {
			kernel,
			decoder: (adapter = null) =>
				kernelDecoder(kernel, spec, runLimits(spec, 1), runner, () => {
					slots.select(adapter);
				}),
		};
	} catch (error) {
		await kernel.dispose();
		throw error;
	}
}

/** Logits [T][V] of a text, read in one piece or in pieces of so many tokens. */
export async function logitsOf(
	decoder: Decoder,
	tokens: readonly number[],
	piece = tokens.length,
): Promise<readonly Float32Array[]> {
	const logits: Float32Array[] = [];
	let [prefix] = [null] as [Parameters<Decoder['prefill']>[0]];
	for (let from = 0; from < tokens.length; from += piece) {
		const row = { tokens: tokens.slice(from, from + piece), wantedFrom: 0 };
		const [cache] = await decoder.prefill(prefix, [row], (_, at, given) => {
			logits[from + at] = given.slice();
		});
		prefix = cache ?? null;
	}
	return logits;
}

/**
 * A model of random F32 weights; those whose name matches are larger by a factor. Embeddings are of ±1, so that 8 bits
 * hold what enters the first layer without loss.
 */
export function randomFloats(
	spec: ModelSpec,
	factors: readonly (readonly [RegExp, number])[] = [],
): WeightStore {
	const draw = random(21);
	const value = (name: string, shape: readonly number[]): number => {
		const size = draw.normal();
		if (name.includes('embed')) return Math.sign(size);
		if (name.includes('input_layernorm')) return 2;
		return shape.length < 2 ? 2 + 0.3 * size : size / Math.sqrt(shape[1] ?? 1);
	};
	return tensorStore(
		new Map(
			[...weightShapes(spec)].map(([name, shape]) => {
				const by = factors.find(([expression]) => expression.test(name))?.[1] ?? 1;
				const data = Float32Array.from({ length: sizeOf(shape) }, () => by * value(name, shape));
				return [name, { shape, data }];
			}),
		),
	);
}

/** Random tokens. */
export function randomText(spec: ModelSpec, length: number, seed = 5): readonly number[] {
	const draw = random(seed);
	return Array.from({ length }, () => draw.integer(0, spec.vocabularySize - 1));
}
