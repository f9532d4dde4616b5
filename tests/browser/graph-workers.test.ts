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

/** A worker that answers until it is to run a graph, and is lost then. */
const frail = (end: string): string => `
	const beat = (life) => postMessage({ heartbeat: true, life });
	const alive = new Promise((resolve) => {
		navigator.locks.request('frail', () => new Promise(() => { beat('frail'); resolve(); }));
	});
	onmessage = async ({ data: { call, body } }) => {
		await alive;
		if (body.type === 'run') { ${end} }
		else postMessage({ call, type: 'done', outputs: null });
	};`;

test('a member of the pool that is closed in the middle of a run fails that run at once', async () => {
	workers.started = workers.ended = 0;
	vi.stubGlobal(
		'Worker',
		class extends Real {
			constructor(_url: URL, options: WorkerOptions) {
				const source = new Blob([frail('self.close()')], { type: 'text/javascript' });
				super(URL.createObjectURL(source), options);
			}
		},
	);
	const runtime = await openWasmRuntime(1);
	const session = await runtime.open(new Uint8Array(1));
	const before = performance.now();
	await expect(session.run({})).rejects.toMatchObject(lost);
	expect(performance.now() - before).toBeLessThan(5000);
	// Nothing more is asked of it.
	await expect(session.run({})).rejects.toMatchObject(lost);
	await runtime.dispose();
});
