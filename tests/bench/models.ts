/** @file The test model of the benchmarks and how a figure leaves the browser. */
import type { Parameters } from '#model/adapter.ts';
import { random } from '#base/random.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { WeightedBatch } from '#training/trainer.ts';

/** 4.6M parameters, Llama-style: width 256, 6 blocks, 8 heads over 4 key-value heads, vocabulary 1,024. */
export const testModel: ModelSpec = {
	architecture: 'LlamaForCausalLM',
	vocabularySize: 1024,
	hiddenSize: 256,
	intermediateSize: 688,
	layers: 6,
	heads: 8,
	keyValueHeads: 4,
	headSize: 32,
	normEpsilon: 1e-6,
	ropeTheta: 10_000,
	rope: Array.from({ length: 6 }, () => true),
	tiedEmbeddings: true,
	attentionBias: false,
	queryKeyNorm: false,
	contextLength: 512,
	endToken: 1,
	padToken: 0,
};

export const testLora: Extract<Parameters, { kind: 'lora' }> = {
	kind: 'lora',
	rank: 8,
	alpha: 16,
	targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'up_proj', 'down_proj'],
};

/** Rows of random tokens, every one of them a target. */
export function randomBatch(vocabulary: number, batch: number, length: number): WeightedBatch {
	const stream = random(5);
	return {
		batch,
		length,
		tokens: Int32Array.from({ length: batch * length }, () => stream.integer(2, vocabulary - 1)),
		weights: new Float32Array(batch * (length - 1)).fill(1),
		normaliser: batch * (length - 1),
	};
}

/** One figure; `npm run bench` collects the lines that begin with BENCH. */
export const report = (
	figure: string,
	values: Readonly<Record<string, number | string | readonly number[]>>,
): void => {
	console.log(`BENCH ${JSON.stringify({ figure, ...values })}`);
};

export const median = (values: readonly number[]): number =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Milliseconds of each of `runs` calls. */
export async function time(runs: number, work: () => Promise<unknown>): Promise<number[]> {
	const times: number[] = [];
	for (let i = 0; i < runs; i++) {
		const began = performance.now();
		await work();
		times.push(performance.now() - began);
	}
	return times;
}

/** Bytes of the whole tab, workers and wasm memories included. */
export async function tabBytes(): Promise<number> {
	const measure = (
		performance as unknown as { measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }> }
	).measureUserAgentSpecificMemory;
	return measure ? (await measure.call(performance)).bytes : NaN;
}
