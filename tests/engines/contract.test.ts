/** @file Every engine that runs here, held to the contract. */
import { afterAll } from 'vitest';
import { derive, random } from '#base/random.ts';
import type { Language } from '#engines/decoding/prompts.ts';
import { createEndpointEngine } from '#engines/endpoint/endpoint-engine.ts';
import type { AnswerForm } from '#engines/engine.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { scripted } from '#engines/scripted.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { describeEngine } from '../contracts/describe-engine.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';
import { startChatServer, type ChatServer } from './endpoint/chat-server.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const expression: AnswerForm = { kind: 'expression', source: '(?:[c-m]{2}[n-z]){1,4}X?' };
const words: AnswerForm = { kind: 'json-schema', schema: { enum: ['yes', 'no'] } };

describeEngine('the scripted engine', () => {
	const engine = scripted({
		script: (prompt, { options: { form } }) =>
			form?.kind === 'json-schema' ? '"yes"' : form ? 'cdn' : `answer to ${prompt}`,
		errors: {
			seed: 1,
			rate: () => 1,
			spoil: (text, stream) => `${text} ${stream.integer(0, 999)}`,
		},
		score: (_prompt, completion) => Array.from(completion, () => -1),
	});
	return Promise.resolve({
		engine,
		prompts: ['one', 'two', 'three'] as const,
		maxTokens: 40,
		samples: true,
		chat: 'answers',
		forms: { keeps: [expression, words], refuses: { kind: 'expression', source: '\\d' } },
	});
});

for (const chat of ['answers', 'refuses'] as const)
	for (const place of ['ONNX', 'kernel'] as const)
		describeEngine(`the ${place} engine that ${chat} chats`, async () => {
			const fixture = await loadTransformerFixture('llama-gqa');
			const spec = { ...fixture.spec, padToken: 0, endToken: 1 };
			const size = spec.vocabularySize;
			const language: Language = {
				spec,
				tokenizer: {
					vocabularySize: size,
					padToken: 0,
					endToken: 1,
					encode: (text) => [...text].map((c) => letters.indexOf(c)),
					// The first two letters are padding and end, and write nothing.
					decode: (tokens) => tokens.map((t) => (t < 2 ? '' : (letters[t] ?? ''))).join(''),
				},
				...(chat === 'answers'
					? { render: (messages) => messages.map(({ content }) => content).join('') }
					: {}),
			};
			const engine =
				place === 'ONNX'
					? createOnnxEngine({
							...language,
							runtime: openNodeRuntime(1),
							weights: fixture.weights,
						})
					: await openKernelEngine({
							...language,
							kernel: await openNodeKernel(2),
							weights: tensorStore(fixture.weights),
						});
			return {
				engine,
				prompts: ['cdefg', 'hi', 'klmnopqrs'] as const,
				maxTokens: 16,
				samples: true,
				chat,
				forms: {
					keeps: [expression, { kind: 'expression', source: '(?:de|[^a-y]{3})' }],
					// There is no quote among the letters.
					refuses: words,
				},
			};
		});

const servers: ChatServer[] = [];
afterAll(async () => {
	for (const server of servers) await server.close();
});

describeEngine('the endpoint engine', async () => {
	/** A model that says letters by prompt, and by seed where it samples. */
	const server = await startChatServer(({ body }) => {
		const { messages, temperature, seed, stop, max_tokens: longest, response_format: form } = body;
		const draw = temperature === 0 ? 0 : Number(seed);
		const stream = random(derive(draw, JSON.stringify(messages)));
		const text = form
			? '"no"'
			: Array.from({ length: 12 }, () => stream.pick([...letters])).join('');
		const stops = Array.isArray(stop) ? (stop as readonly string[]) : [];
		const ends = stops.map((one) => text.indexOf(one)).filter((at) => at >= 0);
		const said = text.slice(0, Math.min(Number(longest), ...ends));
		const finish = said.length === Number(longest) && said !== text ? 'length' : 'stop';
		return { kind: 'answer', texts: [said], finish, logprobs: true, packet: 11 };
	});
	servers.push(server);
	return {
		engine: createEndpointEngine({ fetch, url: server.url, model: 'letters' }),
		prompts: ['one', 'two', 'three'] as const,
		maxTokens: 40,
		samples: true,
		chat: 'answers',
		forms: { keeps: [words], refuses: expression },
	};
});
