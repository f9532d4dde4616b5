/** @file The endpoint engine where something fails: asked again, told in the server's words, or left. */
import { describe, expect, test } from 'vitest';
import { createEndpointEngine, findEndpoint } from '#engines/endpoint/endpoint-engine.ts';
import { waitForTimer } from '#engines/endpoint/post.ts';
import { like } from '../../matchers.ts';
import type { Act } from './chat-server.ts';
import { answer, drain, open, options, refuse } from './open.ts';

describe('failures', () => {
	test('that pass are waited for, longer each time, as long as the server asks', async () => {
		const acts: readonly Act[] = [
			refuse(503, 'loading'),
			refuse(429, '{"error":{"message":"slow down"}}', { 'retry-after': '7' }),
			{ kind: 'hang-up' },
			answer('at last'),
		];
		const { engine, pauses } = await open((_asked, nth) => acts[nth] ?? answer('?'));
		expect(await engine.generate(['x'], options)).toMatchObject([{ text: 'at last' }]);
		expect(pauses).toHaveLength(3);
		const [first = 0, second, third = 0] = pauses;
		expect(second).toBe(7000);
		expect(first).toBeGreaterThanOrEqual(250);
		expect(first).toBeLessThan(750);
		expect(third).toBeGreaterThanOrEqual(1000);
		const again = await open((_asked, nth) => acts[nth] ?? answer('?'));
		await drain(again.engine.stream('x', options));
		expect(again.pauses).toEqual(pauses);
	});

	test('that stay are told in the server’s words with a remedy, after a few tries', async () => {
		const { engine, server } = await open(() => refuse(503, '<h1>Service  Unavailable</h1>'), {
			attempts: 3,
		});
		await expect(engine.generate(['x'], options)).rejects.toMatchObject({
			code: 'not-available',
			message: 'The endpoint answered 503: Service Unavailable. Look at the log of the server.',
		});
		expect(server.asked).toHaveLength(3);
	});

	test.each([
		[
			401,
			'{"error":{"message":"Incorrect key: secret"}}',
			/401: Incorrect key: …\. Check the key\./,
		],
		[
			404,
			'{"error":"model \\"tiny\\" not found"}',
			/404: model "tiny" not found\. Check the address/,
		],
		[
			422,
			'{"detail":[{"loc":["body"],"msg":"temperature must be positive"}]}',
			/422: temperature must be positive\. Change/,
		],
		[400, '', /^The endpoint answered 400\. Change/],
	])('that are ours are told at once: %i', async (status, body, message) => {
		const { engine, server } = await open(() => refuse(status, body), { key: 'secret' });
		await expect(engine.generate(['x', 'y'], options)).rejects.toMatchObject({
			message: like(message),
		});
		expect(server.asked.length).toBeLessThanOrEqual(2);
	});

	test('to say a word in time are failures of the network', async () => {
		const { engine, server } = await open(
			(_a, nth) => (nth < 2 ? { kind: 'silence' } : answer('a')),
			{ timeoutMs: 150, attempts: 2 },
		);
		await expect(engine.generate(['x'], options)).rejects.toThrow('silent for 0.15 s');
		expect(server.asked).toHaveLength(2);
		expect(await engine.generate(['x'], options)).toMatchObject([{ text: 'a' }]);
	});

	test('to be a chat-completions server are named', async () => {
		for (const [reply, said] of [
			[new Response('<html>'), 'not JSON'],
			[Response.json({ hello: 1 }), 'holds no choices'],
			[Response.json({ choices: [] }), 'gave no answer'],
			[Response.json({ error: { message: 'no such model' } }), 'gave up: no such model'],
		] as const) {
			const once = () => Promise.resolve(reply);
			const engine = createEndpointEngine({ fetch: once, url: 'http://h/v1', model: 'tiny' });
			await expect(engine.generate(['x'], options)).rejects.toThrow(said);
		}
	});

	test('a server that is not there is named with its address', async () => {
		const { engine, server } = await open(() => answer('a'), { attempts: 1 });
		await server.close();
		await expect(engine.generate(['x'], options)).rejects.toThrow(
			/127\.0\.0\.1:\d+ could not be reached.*CORS/,
		);
	});
});

describe('a server that is looked for', () => {
	test('is asked for its models, and any answer will do but one about the key', async () => {
		const asked: string[] = [];
		const answering = (status: number) => (url: string, init: { readonly method: string }) => {
			asked.push(`${init.method} ${url}`);
			return Promise.resolve(new Response('{"error":"no"}', { status }));
		};
		const url = 'http://localhost:8000/v1/chat/completions';
		await findEndpoint({ fetch: answering(200), url });
		await findEndpoint({ fetch: answering(404), url });
		expect(asked).toEqual(Array(2).fill('GET http://localhost:8000/v1/models'));
		await expect(findEndpoint({ fetch: answering(401), url })).rejects.toThrow(
			'The endpoint answered 401: no. Check the key.',
		);
	});

	test('and not there is told at once, with the remedy given and without the key', async () => {
		const fetch = () => Promise.reject(new TypeError('no way, secret'));
		const remedy = 'Start it.';
		await expect(
			findEndpoint({ fetch, url: 'http://localhost:1/v1', key: 'secret', remedy }),
		).rejects.toThrow(
			'The endpoint at http://localhost:1 could not be reached or hung up (no way, …). Start it.',
		);
	});
});

describe('an abort', () => {
	test('keeps the answers that are there, and ends a pause at once', async () => {
		const controller = new AbortController();
		const { engine } = await open(
			({ body }) => (body.messages[0]?.content === 'fast' ? answer('a') : refuse(503, 'busy')),
			{ concurrency: 2, wait: waitForTimer },
		);
		const answers = await engine.generate(['fast', 'slow', 'never'], {
			...options,
			signal: controller.signal,
			onProgress: () => setTimeout(() => controller.abort(), 20),
		});
		expect(answers.map(({ stopReason }) => stopReason)).toEqual(['stop', 'aborted', 'aborted']);
	});

	test('closing the engine ends what is under way', async () => {
		const { engine, server } = await open(() => ({ kind: 'silence' }));
		const waiting = engine.generate(['x'], options);
		await expect.poll(() => server.asked.length, { timeout: 5000 }).toBe(1);
		await engine.dispose();
		await expect(waiting).rejects.toThrow('was closed');
		await expect(engine.generate(['x'], options)).rejects.toThrow('was closed');
	});
});
