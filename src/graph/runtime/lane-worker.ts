/** @file A lane in a worker of its own: the only file here that touches `self`. */
import type { InferenceSession } from 'onnxruntime-common';
import { createLane, type Lane } from './lane.ts';
import type { LaneCall, LaneReply, LaneRequest, LaneSettings } from './lane-protocol.ts';
import type { Feeds } from './runtime.ts';

async function start({ provider, threads }: LaneSettings): Promise<Lane> {
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
		// Errors only: that some operators run on the processor is no news.
		logSeverityLevel: 3,
		// Shapes change with every batch: a remembered memory pattern only costs memory.
		enableMemPattern: false,
	};
	const made = createLane(ort, options);
	if (provider === 'wasm') return made;
	return watched(made, () => ort.env.webgpu.device);
}

/**
 * A lane that dies with its GPU, since a run on a lost device may never end. With its last session ONNX Runtime
 * destroys the device itself, and makes another for the next one: that is no loss.
 */
function watched(made: Lane, currentDevice: () => Promise<GPUDevice>): Lane {
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

let lane: Lane | undefined;

async function answer(body: LaneCall): Promise<Feeds | null> {
	if (body.type === 'start') {
		lane = await start(body.settings);
		return null;
	}
	if (!lane) throw new Error('the lane was not started');
	switch (body.type) {
		case 'supply':
			await lane.supply(body.id, body.name, body.data);
			return null;
		case 'open':
			await lane.open(body.id, body.model);
			return null;
		case 'bind':
			await lane.bind(body.id, body.feeds);
			return null;
		case 'run':
			return lane.run(body.id, body.feeds);
		case 'release':
			await lane.release(body.id);
			return null;
		default:
			return body satisfies never;
	}
}

self.onmessage = ({ data: { call, body } }: MessageEvent<LaneRequest>) => {
	answer(body).then(
		(outputs) => {
			const buffers = outputs
				? Object.values(outputs).map((o) => o.data.buffer as ArrayBuffer)
				: [];
			const reply: LaneReply = { call, type: 'done', outputs };
			self.postMessage(reply, { transfer: [...new Set(buffers)] });
		},
		(error: unknown) => {
			const message = error instanceof Error ? error.message : String(error);
			const reply: LaneReply = { call, type: 'failed', message };
			self.postMessage(reply);
		},
	);
};
