/** @file What is shipped as WebAssembly is what its source says. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { buildKernel, kernelBuilds } from '../../scripts/build-kernel.ts';

describe.each(kernelBuilds)('the build %s', (name) => {
	it('is its source compiled afresh, byte for byte (if not: npm run kernel)', async () => {
		const shipped = await readFile(new URL(`../../src/kernel/wasm/${name}.wasm`, import.meta.url));
		const made = await buildKernel(name);
		expect(made.length).toBe(shipped.length);
		expect(shipped.equals(made)).toBe(true);
	});
});
