/** @file The web-llm adapter over a stand-in for a loaded model, and the package's own list of models. */
import { describe, expect, test } from 'vitest';
import { derive, random } from '#base/random.ts';
import { webLlmFailure } from '#engines/web-llm/failure.ts';
import { configOf, webLlmModels } from '#engines/web-llm/models.ts';
import { openWebLlmEngine } from '#engines/web-llm/open.ts';
import { createWebLlmEngine } from '#engines/web-llm/web-llm-engine.ts';
import { describeEngine } from '../../contracts/describe-engine.ts';
import { loadedDouble, type Asked } from './loaded-double.ts';

const promptOf = (asked: Asked): string =>
	'prompt' in asked ? asked.prompt : JSON.stringify(asked.messages);
const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const model = (asked: Asked): string => {
	const draw = asked.temperature === 0 ? 0 : (asked.seed ?? 0);
	const stream = random(derive(draw, promptOf(asked)));
	return Array.from({ length: 12 }, () => stream.pick(letters)).join('');
};

describeEngine('the web-llm engine', () =>
	Promise.resolve({
		engine: createWebLlmEngine(loadedDouble(model), 'double'),
		prompts: ['one', 'two', 'three'] as const,
		maxTokens: 40,
		samples: true,
		chat: 'answers',
		forms: { keeps: [], refuses: { kind: 'expression', source: 'a' } },
	}),
);

describe('the web-llm engine', () => {
	test('continues a text as it is, and writes a chat by the template, with the schema beside it', async () => {
		const loaded = loadedDouble(model);
		const engine = createWebLlmEngine(loaded, 'double');
		const schema = { type: 'object' };
		await engine.generate(['Once'], { maxTokens: 3, temperature: 0.5, topP: 0.9, seed: 7 });
		await engine.generate([[{ role: 'user', content: 'hi' }]], {
			maxTokens: 3,
			repetitionPenalty: 1.1,
			form: { kind: 'json-schema', schema },
		});
		const [text, chat] = loaded.asked;
		expect(text).toEqual({
			prompt: 'Once',
			stream: true,
			max_tokens: 3,
			temperature: 0.5,
			top_p: 0.9,
			repetition_penalty: 1,
			seed: derive(7, 0) & 0x7fffffff,
			logprobs: true,
		});
		expect(chat).toMatchObject({
			messages: [{ role: 'user', content: 'hi' }],
			repetition_penalty: 1.1,
			response_format: { type: 'json_object', schema: '{"type":"object"}' },
		});
	});

	test('a budget of the KV cache is refused before the model is asked', async () => {
		const loaded = loadedDouble(model);
		const engine = createWebLlmEngine(loaded, 'double');
		const cache = { budget: 512, window: 'auto', kernel: 13 } as const;
		await expect(engine.generate(['Once'], { maxTokens: 3, cache })).rejects.toThrow(
			/web-llm keeps the whole KV cache/,
		);
		expect(engine.takesBudget ?? false).toBe(false);
		expect(loaded.asked).toEqual([]);
	});

	test('asks one question at a time, and the next after a stream that was left', async () => {
		const loaded = loadedDouble(model);
		const engine = createWebLlmEngine(loaded, 'double');
		for await (const _piece of left(engine.stream('one', { maxTokens: 40 }))) break;
		const answers = await Promise.all(
			['one', 'two'].map((prompt) => engine.generate([prompt], { maxTokens: 40 })),
		);
		expect(answers.flat().map(({ text }) => text.length)).toEqual([12, 12]);
		expect(loaded.most()).toBe(1);
	});

	test('says what it cannot do instead of leaving it out', async () => {
		const engine = createWebLlmEngine(loadedDouble(model), 'double');
		const ask = (over: object) => engine.generate(['x'], { maxTokens: 3, ...over });
		await expect(ask({ topK: 5 })).rejects.toThrow('leave out top-k and min-p');
		await expect(ask({ minP: 0.1 })).rejects.toThrow('leave out top-k and min-p');
		const form = { kind: 'json-schema', schema: {} };
		await expect(ask({ form })).rejects.toThrow('in chats only; ask with messages');
		await engine.dispose();
		await expect(ask({})).rejects.toThrow('was closed; open it again');
	});

	test('a prompt beyond the context is named, other failures have a code and a remedy', async () => {
		const failing = (name: string, message: string) => {
			const error = new Error(message);
			error.name = name;
			return createWebLlmEngine(
				loadedDouble(() => error),
				'double',
			);
		};
		const long = failing('ContextWindowSizeExceededError', 'Prompt tokens exceed');
		expect(await long.generate(['x'], { maxTokens: 3 })).toMatchObject([{ stopReason: 'context' }]);
		const lost = failing('DeviceLostError', 'The WebGPU device was lost');
		await expect(lost.generate(['x'], { maxTokens: 3 })).rejects.toMatchObject({
			code: 'device-lost',
			message: expect.stringMatching(/^The GPU went away.*choose a smaller model/) as unknown,
		});
		expect(webLlmFailure('TypeError: Failed to fetch').code).toBe('bad-model');
		expect(webLlmFailure('ShaderF16SupportError: x').message).toMatch(/q4f32 instead of q4f16/);
	});

	test('without WebGPU nothing is loaded, and a sentence says where it would be', async () => {
		const [smallest] = await webLlmModels();
		if (!smallest) throw new Error('The package lists no model.');
		await expect(openWebLlmEngine({ model: smallest, gpu: undefined })).rejects.toMatchObject({
			name: 'BackendError',
			code: 'not-available',
			message: expect.stringMatching(/^WebGPU is not to be had here; use /) as unknown,
		});
	});
});

describe("the package's models", () => {
	test('are listed smallest first, with what each needs', async () => {
		const models = await webLlmModels();
		expect(models.length).toBeGreaterThan(50);
		const sizes = models.flatMap(({ memoryBytes }) => memoryBytes ?? []);
		expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
		expect(models[0]?.id).toMatch(/^SmolLM2-135M/);
		for (const { id, features } of models)
			if (id.includes('q4f16')) expect(features, id).toContain('shader-f16');
	});

	test('are opened by the addresses that the package lists', async () => {
		const [first] = await webLlmModels();
		if (!first) throw new Error('The package lists no model.');
		expect(configOf(first).model_list).toMatchObject([
			{ model: first.weights, model_lib: first.library, model_id: first.id },
		]);
	});
});

async function* left<T>(pieces: AsyncGenerator<T, unknown>): AsyncGenerator<T> {
	try {
		for (;;) {
			const next = await pieces.next();
			if (next.done) return;
			yield next.value;
		}
	} finally {
		await pieces.return(undefined);
	}
}
