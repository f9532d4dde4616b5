/**
 * @file A true loss over a real model's parameters, and its slope by finite differences: what the gradient of token
 * weights must agree with.
 */
import type { TensorMap } from '#model/tensor.ts';
import { random } from '#base/random.ts';
import { pack, type SampleBatch } from '#training/data/pack.ts';
import type { Sample } from '#training/data/sample.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import type { Ask } from '#training/train.ts';
import type { Objective } from '#objectives/objective.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';

export type Loss = (logprobs: Float32Array, batch: SampleBatch) => number;

/** A tiny Llama with random weights, and samples cut from what was recorded about it. */
export async function tinyModel() {
	const { spec, weights, batch: recorded } = await loadTransformerFixture('llama-gqa');
	const backend = await tfjsGradients({ backend: 'cpu' })(spec, weights, { kind: 'full' });
	const sample = (row: number, length: number, prompt: number): Sample => {
		const at = (row % recorded.batch) * recorded.length;
		const tokens = [...recorded.tokens.subarray(at, at + length)];
		return { tokens, mask: tokens.map((_, t) => Number(t >= prompt)) };
	};
	return {
		sample,
		pack: (samples: readonly Sample[]) => pack(samples, { padToken: 0 }),
		logprobs: (batch: SampleBatch) => backend.logprobs(weights, batch),
		dispose: () => backend.dispose(),
		/** Slopes along a random direction: by the objective's token weights, and of `loss` by central differences. */
		async slopes(batch: SampleBatch, objective: Objective, reference: Float32Array, loss: Loss) {
			const ask: Ask = {
				policy: () => backend.logprobs(weights, batch),
				reference: () => Promise.resolve(reference),
			};
			const weighed = await objective.weigh(batch, ask);
			const { gradients } = await backend.gradients(weights, { ...batch, ...weighed });
			const direction = directionOf(weights);
			let slope = 0;
			for (const [name, { data }] of direction)
				data.forEach(
					(d, i) => (slope += (d * (gradients.get(name)?.[i] ?? 0)) / weighed.normaliser),
				);
			const h = 2e-3;
			const at = async (step: number) =>
				loss(await backend.logprobs(moved(weights, direction, step), batch), batch);
			return { weighed, slope, difference: ((await at(h)) - (await at(-h))) / (2 * h) };
		},
	};
}

/** A normal direction in which each tensor moves by about its own size. */
function directionOf(weights: TensorMap): TensorMap {
	const stream = random(3);
	return new Map(
		[...weights].map(([name, { shape, data }]) => [
			name,
			{ shape, data: data.map(() => stream.normal() * 0.3) },
		]),
	);
}

const moved = (weights: TensorMap, direction: TensorMap, step: number): TensorMap =>
	new Map(
		[...weights].map(([name, { shape, data }]) => {
			const by = direction.get(name)?.data;
			return [name, { shape, data: data.map((x, i) => x + step * (by?.[i] ?? 0)) }];
		}),
	);

/** Σ over learnt tokens of `f`, index in [B, T-1] and row given. */
export function sumOver(
	{ mask, length }: SampleBatch,
	f: (i: number, row: number) => number,
): number {
	let sum = 0;
	mask.forEach((m, i) => (sum += m === 0 ? 0 : f(i, Math.floor(i / (length - 1)))));
	return sum;
}

/** Log-probabilities a little off: those of another policy. */
export function shifted(logprobs: Float32Array, size: number, seed = 5): Float32Array {
	const stream = random(seed);
	return logprobs.map((p) => p + size * stream.normal());
}
