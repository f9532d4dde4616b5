/** @file Web worker entry: an ONNX Runtime worker behind messages; the only file here that touches `self`. */
import { withholdPeerConnections } from '#base/peer-connections.ts';
import { trustOwnScripts } from '#base/trusted-types.ts';
import type { InferenceSession } from 'onnxruntime-common';
import { sendHeartbeats } from '#base/concurrency/heartbeat.ts';
import { createOrtWorker, type OrtWorker } from './local-worker.ts';
import type { WorkerCall, WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.ts';
import type { Feeds } from './runtime.ts';

trustOwnScripts();
withholdPeerConnections();

async function start({ provider, threads }: WorkerSettings): Promise<OrtWorker> {
	// Two builds: the small one for wasm, the native WebGPU one; never `/all`, whose attention is wrong.
	const ort =
		provider === 'webgpu'
			? await import('onnxruntime-web/webgpu')
			: await import('onnxruntime-web/wasm');
	const { default: wasm } =
		provider === 'webgpu'
			? await import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url')
			: await import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url');
	ort.env.wasm.wasmPaths = { wasm: new URL(wasm, self.location.href).href };
	ort.env.wasm.numThreads = threads;
	ort.env.logLevel = 'error';
	const options: InferenceSession.SessionOptions = {
		executionProviders: [provider],
		graphOptimizationLevel: 'all',
		// Errors only: operators that fall back to the CPU are expected.
		logSeverityLevel: 3,
		// Shapes change with every batch, so a cached memory pattern only costs memory.
		enableMemPattern: false,
	};
	const made = createOrtWorker(ort, options);
	if (provider === 'wasm') return made;
	return watched(made, () => ort.env.webgpu.device);
}

/**
 * A worker that fails with its GPU, since a run on a lost device may never end. ONNX Runtime destroys the device itself
 * with its last session, and creates another for the next one: that is no loss.
 */
function watched(made: OrtWorker, currentDevice: () => Promise<GPUDevice>): OrtWorker {
	const devices = new Map<number, GPUDevice>();
	const known = new WeakSet<GPUDevice>();
	return {
		...made,
		open: async (id, model) => {
			await made.open(id, model);
			const device = await currentDevice();
			devices.set(id, device);
			if (known.has(device)) return;
			known.add(device);
			void device.lost.then(({ message }) => {
				if ([...devices.values()].includes(device))
					reportError(new Error(`the GPU device was lost (${message})`));
			});
		},
		release: async (id) => {
			devices.delete(id);
			await made.release(id);
		},
	};
}

// Missing on pages served over plain http, whatever the type says.
const alive = sendHeartbeats((beat) => self.postMessage(beat), navigator.locks);

let worker: OrtWorker | undefined;

async function answer(body: WorkerCall): Promise<Feeds | null> {
	if (body.type === 'start') {
		worker = await start(body.settings);
		await alive;
		return null;
	}
	if (!worker) throw new Error('the worker was not started');
	switch (body.type) {
		case 'supply':
			await worker.supply(body.id, body.name, body.data);
			return null;
		case 'open':
			await worker.open(body.id, body.model);
			return null;
		case 'bind':
			await worker.bind(body.id, body.feeds);
			return null;
		case 'run':
			return worker.run(body.id, body.feeds);
		case 'release':
			await worker.release(body.id);
			return null;
		default:
			return body satisfies never;
	}
}

self.onmessage = ({ data: { call, body } }: MessageEvent<WorkerRequest>) => {
	answer(body).then(
		(outputs) => {
			const buffers = outputs
				? Object.values(outputs).map((o) => o.data.buffer as ArrayBuffer)
				: [];
			const reply: WorkerReply = { call, type: 'done', outputs };
			self.postMessage(reply, { transfer: [...new Set(buffers)] });
		},
		(error: unknown) => {
			const message = error instanceof Error ? error.message : String(error);
			const reply: WorkerReply = { call, type: 'failed', message };
			self.postMessage(reply);
		},
	);
};
