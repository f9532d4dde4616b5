/** @file What is copied out of the kernel's memory when a sequence leaves, and that its pages go in any case. */
import { afterEach, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openAnswer } from '#engines/decoding/open-answer.ts';
import { promptQueue } from '#engines/decoding/prompt-queue.ts';
import { decodeBySteps } from '#engines/decoding/step-decoding.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { testModel } from '../bench/models.ts';
import { openOnKernel, randomFloats, randomText, type OpenedModel } from './open.ts';

const spec: ModelSpec = {
	...testModel,
	...{ vocabularySize: 64, hiddenSize: 64, intermediateSize: 96, layers: 2, rope: [true, true] },
	...{ heads: 4, keyValueHeads: 2, headSize: 16, contextLength: 256 },
};
const tokens = randomText(spec, 40);
let model: OpenedModel | undefined;
afterEach(async () => {
	await model?.kernel.dispose();
});
const open = async (): Promise<OpenedModel> =>
	(model = await openOnKernel(spec, randomFloats(spec)));

it('a copy is an array for the keys and one for the values of each layer, none of all of them', async () => {
	const { decoder } = await open();
	const [cache] = await decoder().prefill(null, [{ tokens, wantedFrom: 40 }], () => undefined);
	const numbers = spec.keyValueHeads * tokens.length * spec.headSize;
	expect(cache?.arrays.map(({ buffer }) => buffer.byteLength)).toEqual(Array(4).fill(4 * numbers));
});

it('memory is given back when a stopped answer cannot be copied', async () => {
	const { kernel, decoder } = await open();
	const held = kernel.heap.held();
	const controller = new AbortController();
	const tokenizer = {
		...{ vocabularySize: 64, endToken: 1, padToken: 0 },
		encode: () => [],
		decode: (said: readonly number[]) => said.join(),
	};
	const answer = openAnswer(tokens, tokenizer, {
		endTokens: new Set<number>(),
		room: { tokens: 50, reason: 'length' },
	});
	const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
	const queue = promptQueue([{ prompt: tokens, answer, stream: random(1) }]);
	const saying = async (): Promise<void> => {
		const { signal } = controller;
		const leave = (): never => {
			throw new RangeError('Array buffer allocation failed');
		};
		let said = 0;
		for await (const _ of decodeBySteps(decoder(), queue, 1, sampling, { signal, leave }))
			if (++said === 5) controller.abort();
	};
	await expect(saying()).rejects.toThrow(/allocation failed/);
	expect(kernel.heap.held()).toBe(held);
});
