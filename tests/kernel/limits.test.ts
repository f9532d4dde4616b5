/** @file What a kernel does at the limits of a machine: no memory to begin with, and threads that seem late. */
import { afterEach, expect, it, vi } from 'vitest';
import { openNodeKernel } from '#kernel/node.ts';
import { wait } from '#kernel/thread.ts';

const Real = WebAssembly.Memory;
afterEach(() => {
	WebAssembly.Memory = Real;
	vi.restoreAllMocks();
});

it('a memory that cannot be had at all is a failure with a code and a remedy', async () => {
	WebAssembly.Memory = class extends Real {
		constructor(sizes: WebAssembly.MemoryDescriptor) {
			super(sizes);
			throw new RangeError('could not allocate memory');
		}
	};
	await expect(openNodeKernel(1)).rejects.toMatchObject({
		code: 'out-of-memory',
		message: expect.stringMatching(/close other tabs/) as unknown,
	});
});

it('a thread is waited for a second at a time, so that a machine that slept has lost one second', () => {
	const bell = new Int32Array(new SharedArrayBuffer(4));
	const waits = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
	expect(() => {
		wait(bell, 0, 30_000);
	}).toThrow('another thread did not come');
	expect(waits.mock.calls.map(([, , , slice]) => slice)).toEqual(Array(30).fill(1000));
	waits.mockClear();
	// After a night of sleep the first wait is over, and the next one hears the bell.
	waits.mockReturnValueOnce('timed-out').mockReturnValueOnce('ok');
	wait(bell, 0, 30_000);
	expect(waits).toHaveBeenCalledTimes(2);
});
