/** @file The endpoint engine against servers that never stop, send too much, or lead elsewhere. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
	createEndpointEngine,
	findEndpoint,
	type EndpointParts,
} from '#engines/endpoint/endpoint-engine.ts';
import { sentenceOf } from '#engines/endpoint/failure.ts';
import { drain } from './open.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

/** A server on this machine that answers every request the same way. */
async function serve(act: (response: ServerResponse) => void) {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(request.url ?? '');
		request.resume();
		response.on('error', () => undefined);
		act(response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	closing.push(
		() =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	);
	const { port } = server.address() as AddressInfo;
	return { asked, url: `http://127.0.0.1:${port}/v1` };
}

/** Writes the same piece until the client hangs up. */
const endless = (status: number, type: string, piece: string) => (response: ServerResponse) => {
	response.writeHead(status, { 'content-type': type });
	const more = (): void => {
		if (!response.destroyed) response.write(piece, () => setImmediate(more));
	};
	more();
};
const chunk = (content: string): string =>
	`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const stream = 'text/event-stream';
const options = { maxTokens: 16 };

const open = async (act: (response: ServerResponse) => void, over: Partial<EndpointParts> = {}) => {
	const { url, asked } = await serve(act);
	const parts = { fetch, url, model: 'tiny', attempts: 1, ...over };
	return { asked, url, engine: createEndpointEngine(parts) };
};

describe('a server without end', () => {
	test.each([
		['events', 200, stream, chunk('a'), /goes on after the 16 tokens/],
		['one line', 200, stream, `data: ${'a'.repeat(1 << 16)}`, /more than 2 MB for one answer/],
		['data without a blank line', 200, stream, `data: ${'a'.repeat(1000)}\n`, /more than 2 MB/],
		['comments at full speed', 200, stream, `: ${'a'.repeat(1000)}\n\n`, /more than 2 MB/],
		['JSON', 200, 'application/json', `"${'a'.repeat(1 << 16)}"`, /more than 2 MB/],
		['an error', 500, 'text/html', `<${'a'.repeat(1 << 16)}`, /The endpoint answered 500/],
	])('of %s is ended', async (_what, status, type, piece, said) => {
		const { engine } = await open(endless(status, type, piece));
		await expect(drain(engine.stream('x', options))).rejects.toThrow(said);
		await expect(engine.generate(['x'], options)).rejects.toThrow(said);
	});

	test('of comments now and then is silent', async () => {
		const { engine } = await open(
			(response) => {
				response.writeHead(200, { 'content-type': stream });
				const timer = setInterval(() => response.write(': hi\n\n'), 30);
				response.on('close', () => {
					clearInterval(timer);
				});
			},
			{ timeoutMs: 250 },
		);
		await expect(drain(engine.stream('x', options))).rejects.toThrow('silent for 0.25 s');
	});

	test('of slow events is ended by its whole time, and not asked again', async () => {
		const { engine, asked } = await open(
			(response) => {
				response.writeHead(200, { 'content-type': stream });
				const timer = setInterval(() => response.write(chunk('')), 30);
				response.on('close', () => {
					clearInterval(timer);
				});
			},
			{ timeoutMs: 10_000, wholeMs: 400, attempts: 3 },
		);
		await expect(engine.generate(['x'], options)).rejects.toThrow('took more than 0.4 s');
		expect(asked).toHaveLength(1);
	});

	test('that is looked for and wants a key is named', async () => {
		const { url } = await serve(endless(401, 'text/plain', 'x'.repeat(1 << 16)));
		await expect(findEndpoint({ fetch, url })).rejects.toThrow(
			/^The endpoint answered 401: x+\. Check the key\.$/,
		);
	});
});

describe('a redirect', () => {
	test.each([301, 302, 307, 308])(
		'by %i is refused before the prompt is sent on',
		async (status) => {
			const other = await serve((response) => response.end('{}'));
			const lead = (response: ServerResponse) =>
				response.writeHead(status, { location: `${other.url}/chat/completions` }).end();
			const { engine, url } = await open(lead);
			await expect(engine.generate(['x'], options)).rejects.toThrow(
				`sends requests on to another address (${new URL(other.url).origin})`,
			);
			await expect(findEndpoint({ fetch, url })).rejects.toThrow('sends requests on');
			expect(other.asked).toEqual([]);
		},
	);

	test('that a browser hides is refused, too', async () => {
		const hidden = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
		const engine = createEndpointEngine({
			fetch: () => Promise.resolve(hidden),
			url: 'http://h/v1',
			model: 'm',
		});
		await expect(engine.generate(['x'], options)).rejects.toThrow('sends requests on');
	});
});

describe('a wrong body', () => {
	test.each([
		['{"choices":[null]}', 'a choice that is none: null'],
		['{"choices":[{}]}', 'a choice without a message'],
		['{"choices":[{"message":5}]}', 'a choice without a message'],
		['{"choices":[{"message":{"content":5}}]}', 'content that is no text: 5'],
		[`{"choices":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'a choice that is none'],
		[`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'holds no choices'],
	])('is told: %.40s', async (body, said) => {
		const { engine } = await open((response) =>
			response.writeHead(200, { 'content-type': 'application/json' }).end(body),
		);
		await expect(engine.generate(['x'], options)).rejects.toThrow(said);
	});

	test('of tags that nothing closes is read in one pass', () => {
		const begun = performance.now();
		expect(sentenceOf('<'.repeat(1 << 20))).toMatch(/^<+$/);
		expect(sentenceOf(`<b>no${'<'.repeat(1 << 20)}>`)).toBe('no');
		expect(performance.now() - begun).toBeLessThan(1000);
	});
});
