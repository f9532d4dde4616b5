/**
 * @file Proxy of an ONNX Runtime worker in a web worker. If the worker dies, is closed or stays silent, every pending call
 * fails and it is ended.
 */
import {
	busyMs,
	isHeartbeat,
	silenceMs,
	watchHeartbeats,
	type Heartbeat,
} from '#base/concurrency/heartbeat.ts';
import type { OrtWorker } from './local-worker.ts';
import { WorkerLostError } from './worker-lost.ts';
import type { WorkerCall, WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.ts';
import { createDeadlines } from './deadlines.ts';
import type { Feeds } from './runtime.ts';

/** Starts a web worker with an ONNX Runtime in it. */
export async function startRemoteWorker(settings: WorkerSettings): Promise<OrtWorker> {
	const worker = new Worker(new URL('./ort-worker.ts', import.meta.url), { type: 'module' });
	const waiting = new Map<
		number,
		{
			resolve: (outputs: Feeds | null) => void;
			reject: (error: Error) => void;
			/** Milliseconds without a beat. */
			readonly limit: number;
		}
	>();
	const deadlines = createDeadlines();
	let calls = 0;
	let dead: Error | undefined;

	const fail = (error: Error): void => {
		if (dead) return;
		dead = error;
		watchdog.stop();
		worker.terminate();
		for (const { reject } of waiting.values()) reject(error);
		waiting.clear();
	};
	const watchdog = watchHeartbeats({
		locks: navigator.locks,
		// One call of ONNX Runtime is one synchronous stretch, in which no beat can be sent.
		limit: () =>
			[...waiting.values()].reduce((most, { limit }) => Math.max(most, limit), silenceMs),
		onLost: (reason) => fail(new WorkerLostError(reason)),
	});
	worker.onmessage = ({ data }: MessageEvent<WorkerReply | Heartbeat>) => {
		watchdog.heard(data);
		if (isHeartbeat(data)) return;
		const call = waiting.get(data.call);
		waiting.delete(data.call);
		if (data.type === 'done') call?.resolve(data.outputs);
		else call?.reject(new Error(data.message));
	};
	worker.onerror = (event) => {
		event.preventDefault();
		fail(new WorkerLostError(event.message || 'no reason given'));
	};
	const send = (body: WorkerCall, transfer: Transferable[] = []): Promise<Feeds | null> =>
		new Promise((resolve, reject) => {
			if (dead) {
				reject(dead);
				return;
			}
			const call = calls++;
			const limit = body.type === 'run' ? deadlines.of(body.id, body.feeds) : busyMs;
			waiting.set(call, { resolve, reject, limit });
			const request: WorkerRequest = { call, body };
			worker.postMessage(request, transfer);
		});

	await send({ type: 'start', settings }).catch((error: unknown) => {
		fail(new WorkerLostError('it did not start'));
		throw error;
	});
	return {
		supply: async (id, name, data) => {
			const { buffer, byteLength } = data;
			const alone = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
			await send({ type: 'supply', id, name, data }, alone ? [buffer] : []);
		},
		open: async (id, model) => {
			await send({ type: 'open', id, model });
		},
		bind: async (id, feeds) => {
			await send({ type: 'bind', id, feeds });
		},
		run: async (id, feeds) => {
			const began = performance.now();
			const outputs = (await send({ type: 'run', id, feeds })) ?? {};
			deadlines.measured(id, feeds, performance.now() - began);
			return outputs;
		},
		release: async (id) => {
			deadlines.forget(id);
			await send({ type: 'release', id });
		},
		dispose: () => {
			fail(new WorkerLostError('it was closed'));
			return Promise.resolve();
		},
	};
}
