/** @file A small model and what the kernel says with it, wherever it runs. */
import type { Language } from '#engines/decoding/prompts.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { testModel } from '../bench/models.ts';
import { randomModel } from '../model/packing/random-blocks.ts';

const spec = {
	...testModel,
	...{ vocabularySize: 64, hiddenSize: 256, intermediateSize: 512, layers: 2, rope: [true, true] },
	...{ heads: 4, keyValueHeads: 2, headSize: 64, contextLength: 256 },
};
const language: Language = {
	spec,
	tokenizer: {
		vocabularySize: 64,
		endToken: 1,
		padToken: 0,
		encode: (text) => [...text].map((c) => c.charCodeAt(0) - 64),
		decode: (tokens) => String.fromCharCode(...tokens.map((t) => t + 64)),
	},
	endTokens: [],
};

/** What it answers to two prompts, the second of more than two pages. */
export const recorded: readonly string[] = [
	'GWJs}NGtNvXbAr{^GIWWTiQ`htBb\\Cb}CL\\vsZzs',
	'ppakmfizwlbNa{Q[EaqvLdvw_gmtE]DQAwUPILC',
];

/** Asks the model on this kernel, which is closed then. */
export async function askSmallModel(kernel: Kernel): Promise<readonly string[]> {
	const weights = randomModel(spec, 'Q4_1').store;
	const engine = await openKernelEngine({ ...language, kernel, weights });
	try {
		const prompts = ['CDEFG', 'KLMNOPQRS'.repeat(9)];
		const answers = await engine.generate(prompts, { maxTokens: 40, temperature: 1.5, seed: 3 });
		return answers.map(({ text }) => text);
	} finally {
		await engine.dispose();
	}
}
