/** @file The kernel says the same in every build, with memory that is shared or not; in a browser: tests/browser. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { startKernel } from '#kernel/kernel.ts';
import { openNodeKernel, type KernelBuild } from '#kernel/node.ts';
import { builds } from './builds.ts';
import { askSmallModel, recorded } from './recorded.ts';

const alone = async (build: KernelBuild) => {
	const bytes = await readFile(new URL(`../../src/kernel/wasm/${build}.wasm`, import.meta.url));
	return startKernel(await WebAssembly.compile(new Uint8Array(bytes)), 1, false, () =>
		Promise.reject(new Error('there are no threads')),
	);
};

it.each(builds)('says in the build %s what is recorded, on threads and alone', async (build) => {
	expect(await askSmallModel(await openNodeKernel(2, build))).toEqual(recorded);
	expect(await askSmallModel(await alone(build))).toEqual(recorded);
});
