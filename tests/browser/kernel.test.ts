/** @file The kernel in real Chromium: in a worker and on the page itself, with threads of its own, as in the terminal. */
import { expect, test } from 'vitest';
import { openBrowserKernel } from '#kernel/browser.ts';
import relaxedThreads from '../../src/kernel/wasm/relaxed-threads.wasm?url';
import { askSmallModel, recorded } from '../kernel/recorded.ts';

test('this Chromium knows the relaxed instructions and shares memory', async () => {
	expect(globalThis.crossOriginIsolated).toBe(true);
	expect(WebAssembly.validate(await (await fetch(relaxedThreads)).arrayBuffer())).toBe(true);
});

test('in a worker it says what it says in Node, on two threads', async () => {
	const worker = new Worker(new URL('kernel-worker.ts', import.meta.url), { type: 'module' });
	try {
		const answer = await new Promise((resolve, reject) => {
			worker.onmessage = ({ data }: MessageEvent<unknown>) => {
				resolve(data);
			};
			worker.onerror = (event) => {
				reject(new Error(event.message));
			};
			worker.postMessage('ask');
		});
		expect(answer).toEqual({ description: 'kernel, 2 threads', said: recorded });
	} finally {
		worker.terminate();
	}
});

test('on the page itself, which may not sleep, it says the same', async () => {
	const kernel = await openBrowserKernel(2);
	expect(kernel.threads).toBe(2);
	expect(await askSmallModel(kernel)).toEqual(recorded);
	expect(() => {
		kernel.run(0);
	}).toThrow(/open the model again/);
});

test('where no shared memory can be had, it is one thread with memory of its own', async () => {
	const Real = WebAssembly.Memory;
	WebAssembly.Memory = class extends Real {
		constructor(sizes: WebAssembly.MemoryDescriptor) {
			if (sizes.shared === true) throw new RangeError('could not allocate memory');
			super(sizes);
		}
	};
	try {
		const kernel = await openBrowserKernel(2);
		expect(kernel.description).toBe('kernel, 1 thread');
		expect(await askSmallModel(kernel)).toEqual(recorded);
	} finally {
		WebAssembly.Memory = Real;
	}
});
