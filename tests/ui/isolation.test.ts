/** @file What the service worker decides about an answer. */
import { describe, expect, test } from 'vitest';
import { headFor, isCacheable, keepsForever } from '#ui/isolation.ts';

test('an answer keeps its headers and gains the three that isolate', () => {
	const headers = headFor(new Headers({ 'Content-Type': 'application/wasm' }));
	expect([...headers]).toEqual([
		['content-type', 'application/wasm'],
		['cross-origin-embedder-policy', 'require-corp'],
		['cross-origin-opener-policy', 'same-origin'],
		['cross-origin-resource-policy', 'same-origin'],
	]);
});

test('scripts gain the policy of workers, which HTML has in itself', () => {
	const policyOf = (type: string) =>
		headFor(new Headers({ 'Content-Type': type }), "connect-src 'self'").get(
			'Content-Security-Policy',
		);
	expect(policyOf('text/javascript')).toBe("connect-src 'self'");
	expect(policyOf('text/html; charset=utf-8')).toBeNull();
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

test('only hashed files under assets/ never change', () => {
	expect(keepsForever('/some/where/assets/index-B1x_9-aZ.js')).toBe(true);
	expect(keepsForever('/some/where/index.html')).toBe(false);
	expect(keepsForever('/some/where/')).toBe(false);
	expect(keepsForever('/models/model.safetensors')).toBe(false);
	expect(keepsForever('/assets/logo.svg')).toBe(false);
});
