/** @file The endpoint engine against a server on this machine: what it sends, and what it makes of answers. */
import { describe, expect, test } from 'vitest';
import { createEndpointEngine } from '#engines/endpoint/endpoint-engine.ts';
import type { Act, Asked } from './chat-server.ts';
import { answer, drain, open, options, refuse } from './open.ts';

describe('what is sent', () => {
	test('is a chat, with what was asked for and nothing else', async () => {
		const { engine, server } = await open(() => answer('null'), { key: 'secret' });
		await engine.generate(['Is it?'], options);
		const [{ path, authorization, body }] = server.asked as readonly [Asked];
		expect({ path, authorization }).toEqual({
			path: '/v1/chat/completions',
			authorization: 'Bearer secret',
		});
		expect(Object.keys(body).sort()).toEqual(
			['model', 'messages', 'max_tokens', 'temperature', 'seed', 'stream', 'logprobs'].sort(),
		);
		expect(body).toMatchObject({ messages: [{ role: 'user', content: 'Is it?' }], temperature: 0 });
		const messages = [{ role: 'system', content: 'Be brief.' }] as const;
		await engine.generate([messages], {
			maxTokens: 5,
			temperature: 0.7,
			topK: 40,
			topP: 0.9,
			minP: 0.1,
			repetitionPenalty: 1.1,
			stop: ['\n'],
			form: { kind: 'json-schema', schema: { type: 'null' } },
		});
		expect(server.asked[1]?.body).toMatchObject({
			messages,
			max_tokens: 5,
			temperature: 0.7,
			top_k: 40,
			top_p: 0.9,
			min_p: 0.1,
			repetition_penalty: 1.1,
			repeat_penalty: 1.1,
			stop: ['\n'],
			response_format: {
				type: 'json_schema',
				json_schema: { name: 'answer', strict: true, schema: { type: 'null' } },
			},
		});
	});

	test('takes regular expressions to vLLM only', async () => {
		const form = { kind: 'expression', source: '[ab]+' } as const;
		const other = await open(() => answer('a'));
		await expect(other.engine.generate(['x'], { ...options, form })).rejects.toThrow(
			'takes no regular expressions',
		);
		expect(other.server.asked).toEqual([]);
		const { engine, server } = await open(() => answer('a'), { kind: 'vllm' });
		await engine.generate(['x'], { ...options, form });
		expect(server.asked[0]?.body).toMatchObject({ structured_outputs: { regex: '[ab]+' } });
	});

	test('has a seed of its own for each place, the same each time', async () => {
		const { engine, server } = await open(() => answer('a'), { concurrency: 1 });
		for (let i = 0; i < 2; i++) await engine.generate(['x', 'x'], { ...options, seed: 5 });
		const seeds = server.asked.map(({ body }) => body['seed']);
		expect(seeds.slice(2)).toEqual(seeds.slice(0, 2));
		expect(seeds[0]).not.toBe(seeds[1]);
	});

	test('goes to the address given, which is refused where it cannot be one', async () => {
		const { engine } = await open(() => answer('a'));
		expect(engine.description).toMatch(/^tiny at http:\/\/127\.0\.0\.1:\d+ \(leaves this tab\)$/);
		for (const [url, said] of [
			['localhost:8000', 'is not the address'],
			['ftp://host/v1', 'is not the address'],
			['http://me:secret@host/v1', 'give the key by itself'],
		] as const)
			expect(() => createEndpointEngine({ fetch, url, model: 'tiny' })).toThrow(said);
		const urls: string[] = [];
		const noting = (url: string) => {
			urls.push(url);
			return Promise.resolve(Response.json({ choices: [{ message: { content: 'a' } }] }));
		};
		for (const url of ['http://h/v1', 'http://h/v1/', ' http://h/v1/chat/completions'])
			await createEndpointEngine({ fetch: noting, url, model: 'tiny' }).generate(['x'], options);
		expect(new Set(urls)).toEqual(new Set(['http://h/v1/chat/completions']));
	});
});

describe('answers', () => {
	test('many to one prompt come from few requests, also where a server gives one at a time', async () => {
		let made = 0;
		const next = (n: number) => answer(...Array.from({ length: n }, () => `answer ${made++}`));
		const knowing = await open(({ body }) => next((body['n'] as number | undefined) ?? 1), {
			choicesPerRequest: 3,
			concurrency: 1,
		});
		const sampled = { ...options, temperature: 1 };
		const prompts = ['x', 'x', 'y', 'x', 'x', 'x'];
		const texts = (await knowing.engine.generate(prompts, sampled)).map(({ text }) => text);
		expect(knowing.server.asked.map(({ body }) => body['n'])).toEqual([3, undefined, 2]);
		expect(new Set(texts).size).toBe(6);
		const one = await open(() => next(1), { choicesPerRequest: 3, concurrency: 1 });
		const alone = await one.engine.generate(['x', 'x', 'x'], sampled);
		expect(new Set(alone.map(({ text }) => text)).size).toBe(3);
		expect(one.server.asked.map(({ body }) => body['n'])).toEqual([3, undefined, undefined]);
		expect(new Set(one.server.asked.map(({ body }) => body['seed'])).size).toBe(3);
	});

	test('bring log-probabilities where the server tells them, and none where it does not', async () => {
		const telling = await open(() => ({ kind: 'answer', texts: ['ab'], logprobs: true }));
		const [told] = await telling.engine.generate(['x'], options);
		expect(told).toEqual({
			text: 'ab',
			tokens: [97, 98],
			logprobs: [-0.97, -0.98],
			stopReason: 'stop',
		});
		const silent = await open(() => answer('ab'));
		const [untold] = await silent.engine.generate(['x'], options);
		expect(untold).toEqual({ text: 'ab', tokens: [], logprobs: [], stopReason: 'stop' });
	});

	test('come without log-probabilities from a server that refuses to tell them, which is asked once', async () => {
		const { engine, server } = await open(({ body }) =>
			body['logprobs'] === true
				? refuse(400, '{"error":"logprobs are not supported"}')
				: answer('a'),
		);
		for (let i = 0; i < 2; i++) expect(await engine.generate(['x'], options)).toHaveLength(1);
		expect(server.asked.map(({ body }) => body['logprobs'])).toEqual([true, undefined, undefined]);
	});

	test('come whole from a server that streams without being asked', async () => {
		const { engine } = await open(() => ({ kind: 'answer', texts: ['a bc'], alwaysStreams: true }));
		expect(await engine.generate(['x', 'y'], options)).toMatchObject([
			{ text: 'a bc', stopReason: 'stop' },
			{ text: 'a bc' },
		]);
	});

	test('that keep no form are not taken for such that do', async () => {
		const { engine } = await open(() => answer('Sure! {"a": 1}'));
		const form = { kind: 'json-schema', schema: { type: 'null' } } as const;
		const said = 'ignored the grammar; it answered "Sure! {"a": 1}"';
		await expect(engine.generate(['x'], { ...options, form })).rejects.toThrow(said);
		await expect(drain(engine.stream('x', { ...options, form }))).rejects.toThrow(said);
	});

	test('end before a stop text that the server left in', async () => {
		const { engine } = await open(() => answer('one\n\ntwo'));
		const [cut] = await engine.generate(['x'], { ...options, stop: ['\n\n'] });
		expect(cut).toMatchObject({ text: 'one', stopReason: 'stop' });
	});

	test('that would not fit say so, whatever words the server has for it', async () => {
		for (const said of [
			'{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}',
			'{"object":"error","message":"This model\'s maximum context length is 2048 tokens."}',
		]) {
			const { engine } = await open(({ body }) =>
				body.messages[0]?.content === 'long' ? refuse(400, said) : answer('a'),
			);
			const answers = await engine.generate(['long', 'short'], options);
			expect(answers.map(({ stopReason }) => stopReason)).toEqual(['context', 'stop']);
			const { generation } = await drain(engine.stream('long', options));
			expect(generation.stopReason).toBe('context');
		}
	});
});

describe('streams', () => {
	test.each([1, 2, 7, 1000])('are the same in packets of %i bytes', async (packet) => {
		const text = 'héllo 日本 😀';
		const act: Act = { kind: 'answer', texts: [text], logprobs: true, packet };
		const { engine } = await open(() => act);
		const { pieces, generation } = await drain(engine.stream('x', options));
		expect(pieces.map((piece) => piece.text)).toEqual(Array.from(text));
		expect(generation).toMatchObject({ text, stopReason: 'stop' });
		expect(generation.tokens).toEqual(Array.from(text, (c) => c.codePointAt(0)));
		const [whole] = await engine.generate(['x'], options);
		expect(generation).toEqual(whole);
	});

	test('are left by the one who has enough: an abort, a stop text, a reader who goes', async () => {
		const { engine, server } = await open(() => ({
			kind: 'answer',
			texts: ['abcdefgh'.repeat(9)],
			slow: 5,
		}));
		const controller = new AbortController();
		const stream = engine.stream('x', { ...options, signal: controller.signal });
		await stream.next();
		controller.abort();
		expect(await drain(stream)).toMatchObject({
			pieces: [],
			generation: { text: 'a', stopReason: 'aborted' },
		});
		const { generation } = await drain(engine.stream('x', { ...options, stop: ['de'] }));
		expect(generation).toMatchObject({ text: 'abc', stopReason: 'stop' });
		const third = engine.stream('x', options);
		await third.next();
		await third.return(generation);
		await expect.poll(() => server.left, { timeout: 5000 }).toBe(3);
	});

	test('say what went wrong in the middle, and never begin again by themselves', async () => {
		for (const [act, said] of [
			[{ kind: 'answer', texts: ['abcdef'], failAfter: 2 }, 'The endpoint gave up: out of memory.'],
			[{ kind: 'answer', texts: ['abcdef'], cutAfter: 2 }, 'hung up'],
		] as const) {
			const { engine, server } = await open(() => act);
			await expect(drain(engine.stream('x', options))).rejects.toThrow(said);
			expect(server.asked).toHaveLength(1);
		}
	});

	test('may be one whole answer, from servers that know no streams', async () => {
		const whole = () =>
			Promise.resolve(
				Response.json({ choices: [{ message: { content: 'ab' }, finish_reason: 'length' }] }),
			);
		const engine = createEndpointEngine({ fetch: whole, url: 'http://h/v1', model: 'tiny' });
		const { generation } = await drain(engine.stream('x', options));
		expect(generation).toMatchObject({ text: 'ab', stopReason: 'length' });
	});
});
