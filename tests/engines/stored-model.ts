/** @file A small model over capital letters for the engines that read stored forms, and LoRAs for it. */
import { random } from '#base/random.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { loraShapes } from '#model/spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { testModel } from '../bench/models.ts';

export const spec = {
	...testModel,
	vocabularySize: 64,
	hiddenSize: 256,
	intermediateSize: 512,
	layers: 2,
	heads: 4,
	keyValueHeads: 2,
	headSize: 64,
	rope: [true, true],
	contextLength: 128,
};
export const tokenizer: TextTokenizer = {
	vocabularySize: 64,
	endToken: 1,
	padToken: 0,
	encode: (text) => [...text].map((c) => c.charCodeAt(0) - 64),
	decode: (tokens) => String.fromCharCode(...tokens.map((t) => t + 64)),
};
export const prompts = ['CDEFG', 'HI', 'KLMNOPQRS', 'D'];
export const options = { maxTokens: 12 };

/** Factors drawn at random, B too, so that it matters at once. */
export function lora(
	rank: number,
	targets: readonly (typeof loraTargets)[number][],
	seed: number,
): Adapter {
	const draw = random(seed);
	const parameters = { kind: 'lora', rank, alpha: 2 * rank, targets } as const;
	const tensors = new Map(
		[...loraShapes(spec, parameters)].map(([name, shape]) => [
			name,
			{ shape, data: Float32Array.from({ length: sizeOf(shape) }, () => 0.1 * draw.normal()) },
		]),
	);
	return { parameters, tensors };
}
