/** @file Every decoder that runs here, held to the contract; and what is asked of one. */
import { afterAll, describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import { runLimits } from '#engines/decoding/limits.ts';
import { openAnswer } from '#engines/decoding/open-answer.ts';
import { promptQueue } from '#engines/decoding/prompt-queue.ts';
import { decodeBySteps, type Leave, type Sequence } from '#engines/decoding/step-decoding.ts';
import { onnxDecoder } from '#engines/onnx/onnx-decoder.ts';
import { adaptiveSession } from '#engines/onnx/weights.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { stepGraph } from '#model/graphs/decoding-graph.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { describeDecoder } from '../contracts/describe-decoder.ts';
import { loadFamilyFixture, type FamilyName } from '../fixtures/transformer/families.ts';
import { openOnKernel } from '../kernel/open.ts';

const runtime = openNodeRuntime(1);
const kernels: Kernel[] = [];
afterAll(async () => {
	for (const kernel of kernels) await kernel.dispose();
});
const tolerance = { relative: 1e-4, absolute: 2e-5 };

async function openOnnx(name: FamilyName): Promise<Decoder> {
	const { spec, weights, adapter } = await loadFamilyFixture(name);
	const session = await adaptiveSession(runtime, weights, (p) => stepGraph(spec, p)).use(adapter);
	const limits = { ...runLimits(spec, 1), chunk: 24, columns: 10 };
	return onnxDecoder({ session, spec, limits, allocate: runtime.floats });
}

for (const name of ['smollm2', 'smollm3-tied', 'qwen3-tied'] as const)
	describeDecoder(`the ONNX decoder of ${name}`, async () => ({
		decoder: await openOnnx(name),
		tolerance,
	}));

// The kernel's order of sums does not depend on who else is there: its logits are the same to the bit.
const exactly = { relative: 0, absolute: 0 };
for (const name of ['smollm2', 'smollm3-tied', 'qwen3-tied'] as const)
	describeDecoder(`the kernel's decoder of ${name}`, async () => {
		const { spec, weights, adapter } = await loadFamilyFixture(name);
		const { decoder, kernel } = await openOnKernel(spec, tensorStore(weights));
		kernels.push(kernel);
		return { decoder: decoder(adapter), tolerance: exactly };
	});

describe('a batch of answers', () => {
	it.each([true, false])(
		'asks what is cached of a row once, when it leaves, if somebody listens: %s',
		async (listens) => {
			const decoder = await openOnnx('smollm2');
			let asked = 0;
			let closed = 0;
			const counting: Decoder = {
				...decoder,
				batch: () => {
					const batch = decoder.batch();
					return {
						...batch,
						cached: (row) => {
							asked++;
							return batch.cached(row);
						},
						close: () => {
							closed++;
							batch.close();
						},
					};
				},
			};
			const tokenizer = {
				vocabularySize: 32,
				endToken: 1,
				padToken: 0,
				encode: () => [],
				decode: (tokens: readonly number[]) => tokens.join(),
			};
			const sequences = [[2, 3], [4], [5, 6, 7], [8, 9]].map((prompt, i) => ({
				prompt,
				stream: random(i),
				answer: openAnswer(prompt, tokenizer, {
					endTokens: new Set<number>(),
					room: { tokens: 3 + 2 * i, reason: 'length' },
				}),
			}));
			const left: (readonly number[])[] = [];
			const leave: Leave<Sequence> = (_, tokens, cached) => {
				left.push([...tokens]);
				expect(cached().length).toBe(tokens.length);
			};
			const sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
			const queue = promptQueue(sequences);
			const how = listens ? { leave } : {};
			for await (const _ of decodeBySteps(counting, queue, 2, sampling, how));
			expect(asked).toBe(listens ? 4 : 0);
			expect(closed).toBe(1);
			// All but the last token of each was run.
			const said = sequences.map(({ prompt, answer }) => [
				...prompt,
				...answer.close(false).answer.tokens.slice(0, -1),
			]);
			if (listens) expect(left.map(String).sort()).toEqual(said.map(String).sort());
		},
	);
});
