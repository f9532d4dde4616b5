/**
 * @file Loading of tfjs, selection of its back end, and its errors: no device, device lost, out of memory.
 *
 * tfjs has one current back end for the whole page, so each computation selects its own first.
 */
import { createMutex } from '#base/concurrency/mutex.ts';
import { BackendError } from '#base/backend-error.ts';
import type { LinearForm, Tfjs } from './tfjs-operators.ts';

/** Back ends of tfjs that can train. */
export const tfjsBackends = ['webgpu', 'wasm', 'cpu'] as const;
export type TfjsBackend = (typeof tfjsBackends)[number];

/** Back end of tfjs, and its form of matrix products. */
export interface TfjsOptions {
	readonly backend: TfjsBackend;
	/** Location of the three `tfjs-backend-wasm*.wasm`: a folder ending in `/`, or an address for each file name. */
	readonly wasmPaths?: string | Readonly<Record<string, string>>;
	/** Default `tuned`; `plain` serves as a baseline. */
	readonly linear?: LinearForm;
}

/** One tfjs back end, ready for use. */
export interface TfjsRuntime {
	readonly tf: Tfjs;
	readonly description: string;
	/** Runs synchronous tfjs code on this back end, then awaits its results; failures become `BackendError`s. */
	run<T>(work: () => Promise<T>): Promise<T>;
}

const remedy = {
	lost: 'The GPU device was lost; open the trainer again, on wasm if it does not come back.',
	memory:
		'Training ran out of memory; use smaller batches (split them), a lower rank or a smaller model.',
} as const;

/** A known back-end failure as a `BackendError`; anything else unchanged. */
export function namedError(error: unknown): unknown {
	if (error instanceof BackendError) return error;
	const message = error instanceof Error ? error.message : String(error);
	// wasm, V8 and Dawn word it differently.
	const memory =
		/out of memory|\bOOM\b|memory access out of bounds|allocation failed|cannot enlarge memory|invalid typed array length/i;
	if (memory.test(message))
		return new BackendError('out-of-memory', remedy.memory, { cause: error });
	if (/device.{0,12}(lost|destroyed)/i.test(message))
		return new BackendError('device-lost', remedy.lost, { cause: error });
	return error;
}

/** Lost devices; a back end on one of them is replaced on its next use. */
const lostDevices = new WeakSet<GPUDevice>();

/** Loads tfjs and the back end; `not-available` if this machine lacks it. */
export async function openTfjs(options: TfjsOptions): Promise<TfjsRuntime> {
	const { backend: name } = options;
	const tf: Tfjs = await import('@tensorflow/tfjs');
	// Silences tfjs-node's advertisement on the console; disables no check that we rely on.
	tf.enableProdMode();
	const deviceOf = await prepare(tf, options);
	const available = await exclusive(() => tf.setBackend(name)).catch(() => false);
	if (!available)
		throw new BackendError(
			'not-available',
			`tfjs has no ${name} back end here; use ${tfjsBackends.filter((b) => b !== name).join(' or ')}.`,
		);
	await tf.ready();
	const device = deviceOf();
	let lost: GPUDeviceLostInfo | undefined;
	/** Pending computations; a `then` each on a promise that never settles would leak. */
	const waiting = new Set<() => void>();
	void device?.lost.then((info) => {
		lost = info;
		lostDevices.add(device);
		for (const giveUp of waiting) giveUp();
	});

	const run = async <T>(work: () => Promise<T>): Promise<T> => {
		if (lost) throw new BackendError('device-lost', remedy.lost);
		const { begun, refused } = await exclusive(async () => {
			if (tf.getBackend() !== name) await tf.setBackend(name);
			device?.pushErrorScope('out-of-memory');
			device?.pushErrorScope('validation');
			// Buffers are created while tfjs records, so the error scopes need not wait for results.
			return {
				begun: begin(work),
				refused: device
					? Promise.all([device.popErrorScope(), device.popErrorScope()])
					: Promise.resolve([null, null]),
			};
		});
		let giveUp = (): void => undefined;
		const gone = new Promise<never>((_, reject) => {
			giveUp = () => {
				reject(new BackendError('device-lost', remedy.lost));
			};
		});
		waiting.add(giveUp);
		try {
			const [result, errors] = await Promise.race([Promise.all([begun, refused]), gone]);
			const error = errors.find((e) => e !== null);
			if (error)
				throw new BackendError('out-of-memory', `${remedy.memory} The GPU said: ${error.message}`);
			return result;
		} catch (error) {
			throw namedError(error);
		} finally {
			waiting.delete(giveUp);
		}
	};
	return { tf, description: `tfjs, ${name}`, run };
}

/** Mutex: selecting a back end and recording on it must not interleave with another caller. */
const exclusive = createMutex();

/** A synchronous throw as a rejection, so that error scopes are popped in either case. */
const begin = async <T>(work: () => Promise<T>): Promise<T> => work();

/** Registers the back end; returns a function that finds its GPU device once it runs. */
async function prepare(
	tf: Tfjs,
	{ backend, wasmPaths }: TfjsOptions,
): Promise<() => GPUDevice | undefined> {
	switch (backend) {
		case 'cpu':
			return () => undefined;
		case 'wasm': {
			const wasm = await import('@tensorflow/tfjs-backend-wasm');
			if (wasmPaths !== undefined && !running(tf, 'wasm'))
				wasm.setWasmPaths(typeof wasmPaths === 'string' ? wasmPaths : { ...wasmPaths });
			// Threads gain tfjs nothing (30.5 against 31 GFLOPS) and need workers made from text, which the CSP forbids.
			tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
			return () => undefined;
		}
		case 'webgpu': {
			const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
			const current = () => {
				const found = running(tf, 'webgpu');
				return found instanceof WebGPUBackend ? found.device : undefined;
			};
			const device = current();
			if (device && lostDevices.has(device)) {
				const factory = tf.findBackendFactory('webgpu');
				tf.removeBackend('webgpu');
				tf.registerBackend('webgpu', factory);
			}
			return current;
		}
		default:
			return backend satisfies never;
	}
}

/** The back end object if it has been started, without starting it. */
const running = (tf: Tfjs, name: TfjsBackend): unknown => {
	const { registry } = tf.engine();
	return registry[name];
};
