/** @file Software in the place of a GPU is told from a real one, whatever the browser says of it. */
import { expect, test } from 'vitest';
import { describeGpu } from '#graph/runtime/gpu.ts';

const info = { vendor: '', architecture: '', description: '' };

test.each([
	[{ vendor: 'nvidia', architecture: 'ampere' }, 'nvidia ampere', false],
	[{ vendor: 'apple' }, 'apple', false],
	[{}, '', false],
	[{ vendor: 'google', architecture: 'swiftshader' }, 'google swiftshader', true],
	[{ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, 'mesa', true],
	[{ vendor: 'microsoft', isFallbackAdapter: true }, 'microsoft', true],
])('%j is "%s", emulated: %s', (part, name, isEmulated) => {
	expect(describeGpu({ ...info, ...part })).toEqual({ name, isEmulated });
});
