/** @file Workers whose worker dies: the failure has a code and a remedy, and no worker is left behind. */
import { afterEach, expect, test, vi } from 'vitest';
import { openWasmRuntime } from '#graph/runtime/browser.ts';
import { startRemoteWorker } from '#graph/runtime/remote-worker.ts';

const lost = {
	name: 'WorkerLostError',
	code: 'device-lost',
	message: expect.stringMatching(/open the model again/) as unknown,
};
const Real = globalThis.Worker;
const workers = { started: 0, ended: 0 };
/** Counts; those whose number is in `dying` run into an error at once. */
const stub = (...dying: number[]): void => {
	workers.started = workers.ended = 0;
	vi.stubGlobal(
		'Worker',
		class extends Real {
			constructor(url: URL, options: WorkerOptions) {
				const broken = new Blob(['throw new Error("broken")'], { type: 'text/javascript' });
				super(dying.includes(workers.started++) ? URL.createObjectURL(broken) : url, options);
			}
			override terminate(): void {
				workers.ended++;
				super.terminate();
			}
		},
	);
};
afterEach(() => {
	vi.unstubAllGlobals();
});

test('a worker that fails to start is ended', async () => {
	stub(0);
	await expect(startRemoteWorker({ provider: 'wasm', threads: 1 })).rejects.toMatchObject(lost);
	expect(workers).toEqual({ started: 1, ended: 1 });
});

test('if one of several fails to start, the others end with it', async () => {
	stub(1);
	await expect(openWasmRuntime(3)).rejects.toMatchObject(lost);
	expect(workers).toEqual({ started: 3, ended: 3 });
});

test('a worker that was closed says so at every call', async () => {
	const worker = await startRemoteWorker({ provider: 'wasm', threads: 1 });
	await worker.dispose();
	await expect(worker.run(0, {})).rejects.toMatchObject(lost);
});
