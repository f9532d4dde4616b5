/** @file The browser the tests run in has what the program builds on. */
import { expect, test } from 'vitest';

test('the page is cross-origin isolated, so WebAssembly may use threads', () => {
	expect(crossOriginIsolated).toBe(true);
	expect(typeof SharedArrayBuffer).toBe('function');
});

test('the software adapter answers for WebGPU', async () => {
	const adapter = await navigator.gpu.requestAdapter();
	expect(adapter?.info.isFallbackAdapter).toBe(true);
});

test('files can be kept in the origin-private file system', async () => {
	const root = await navigator.storage.getDirectory();
	const handle = await root.getFileHandle('probe', { create: true });
	expect((await handle.getFile()).size).toBe(0);
	await root.removeEntry('probe');
});
