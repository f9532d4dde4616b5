/** @file What the service worker decides about an answer. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashOf, headFor, isCacheable } from '#ui/offline/response.ts';

const script = new URL('https://host.example/some/where/assets/worker-B1x_9-aZ.js');
const headOf = (type: string, address = script): Headers =>
	headFor(new Headers({ 'Content-Type': type }), address);

test('an answer keeps its headers and gains those that isolate and tell no address', () => {
	const headers = headOf('application/wasm');
	headers.delete('Content-Security-Policy');
	expect([...headers]).toEqual([
		['content-type', 'application/wasm'],
		['cross-origin-embedder-policy', 'require-corp'],
		['cross-origin-opener-policy', 'same-origin'],
		['cross-origin-resource-policy', 'same-origin'],
		['referrer-policy', 'no-referrer'],
		['x-content-type-options', 'nosniff'],
	]);
});

test('a script gains the policy of workers, whatever the host had sent', () => {
	const sent = new Headers({
		'Content-Type': 'text/javascript',
		'Content-Security-Policy': 'connect-src *',
	});
	const policy = headFor(sent, script).get('Content-Security-Policy');
	expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
	expect(policy).toContain("default-src 'self'");
	expect(policy).not.toMatch(/localhost|127\.0\.0\.1|'unsafe-eval'| \*/);
});

test('HTML has its policy in itself, and gains what only a header can say', () => {
	expect(headOf('text/html; charset=utf-8').get('Content-Security-Policy')).toBe(
		"frame-ancestors 'none'",
	);
});

describe('the script that asks a server on this machine', () => {
	const reach = (server: string): string | undefined => {
		const address = new URL('https://host.example/some/where/local/local-server-worker-x.js');
		address.searchParams.set('server', server);
		const policy = headOf('text/javascript', address).get('Content-Security-Policy') ?? '';
		return /connect-src ([^;]*)/.exec(policy)?.[1];
	};
	test.each([
		['http://localhost:11434', 'http://localhost:11434'],
		['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
		['https://host.example', 'https://host.example'],
	])('reaches %s alone', (server, allowed) => {
		expect(reach(server)).toBe(allowed);
	});
	test.each([
		'',
		'*',
		'https://api.example',
		'http://localhost.api.example',
		'http://localhost:1 https://api.example',
		'http://localhost:1; script-src *',
		'http://localhost:1/v1',
		'javascript://localhost',
	])('reaches nothing for %o', (server) => {
		expect(reach(server)).toBe("'none'");
	});
	test('a parameter opens nothing for another script', () => {
		const address = new URL(`${script.href}?server=http://localhost:11434`);
		const policy = headOf('text/javascript', address).get('Content-Security-Policy');
		expect(policy).not.toContain('localhost');
	});
});

describe('what is kept', () => {
	const sound = { status: 200, type: 'basic', redirected: false } as const;
	test.each([
		['a whole answer of our own host', sound, true],
		['an error', { ...sound, status: 404 }, false],
		['a part of a file', { ...sound, status: 206 }, false],
		['an answer that cannot be read', { ...sound, status: 0, type: 'opaque' as const }, false],
		['an answer from elsewhere after a redirect', { ...sound, redirected: true }, false],
	])('%s: %o is %s', (_name, response, kept) => {
		expect(isCacheable(response)).toBe(kept);
	});
});

test('a hash is the beginning of the SHA-256, as the build writes it', async () => {
	const bytes = new TextEncoder().encode('evolvarium');
	const whole = createHash('sha256').update(bytes).digest('hex');
	expect(await hashOf(bytes)).toBe(whole.slice(0, 20));
});
