/**
 * @file Loading tfjs, choosing its back end, and naming what goes wrong with it: no device, device lost, out of memory.
 *
 * tfjs has one current back end for the whole page, so each computation says first which one it wants.
 */
import { createMutex } from '#base/mutex.ts';
import { BackendError } from '#base/backend-error.ts';
import type { LinearForm, Tfjs } from './tfjs-operators.ts';

/** Back ends of tfjs that can train. */
export const tfjsBackends = ['webgpu', 'wasm', 'cpu'] as const;
export type TfjsBackend = (typeof tfjsBackends)[number];

/** Which back end of tfjs, and how its products are made. */
export interface TfjsOptions {
	readonly backend: TfjsBackend;
	/** Where the three `tfjs-backend-wasm*.wasm` lie: a folder ending in `/`, or an address for each file name. */
	readonly wasmPaths?: string | Readonly<Record<string, string>>;
	/** Default `tuned`; `plain` is there to be compared with. */
	readonly linear?: LinearForm;
}

/** One tfjs back end, ready for use. */
export interface TfjsRuntime {
	readonly tf: Tfjs;
	readonly description: string;
	/** Runs synchronous tfjs code on this back end, then awaits what it began; failures become `BackendError`s. */
	run<T>(work: () => Promise<T>): Promise<T>;
}

const remedy = {
	lost: 'The GPU device was lost; open the trainer again, on wasm if it does not come back.',
	memory:
		'Training ran out of memory; use smaller batches (split them), a lower rank or a smaller model.',
} as const;

/** Whatever a back end threw, as an `BackendError` where it is one of its known failures. */
export function namedError(error: unknown): unknown {
	if (error instanceof BackendError) return error;
	const message = error instanceof Error ? error.message : String(error);
	// wasm, V8, and Dawn each have their own words.
	const memory =
		/out of memory|\bOOM\b|memory access out of bounds|allocation failed|cannot enlarge memory|invalid typed array length/i;
	if (memory.test(message))
		return new BackendError('out-of-memory', remedy.memory, { cause: error });
	if (/device.{0,12}(lost|destroyed)/i.test(message))
		return new BackendError('device-lost', remedy.lost, { cause: error });
	return error;
}

/** Devices that are gone; a back end on one of them is replaced when it is next asked for. */
const lostDevices = new WeakSet<GPUDevice>();

/** Loads tfjs and the back end asked for; `not-available` where this machine has none. */
export async function openTfjs(options: TfjsOptions): Promise<TfjsRuntime> {
	const { backend: name } = options;
	const tf: Tfjs = await import('@tensorflow/tfjs');
	// No advertisement for tfjs-node on the console; costs no check that we rely on.
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
	/** Computations under way; a `then` each on a promise that never settles would pile up. */
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
			// Buffers are made while tfjs records, so the scopes need not wait for results.
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

/** Choosing a back end and recording on it are one act: between them nobody else may choose. */
const exclusive = createMutex();

/** A synchronous throw as a rejection, so that error scopes are popped in either case. */
const begin = async <T>(work: () => Promise<T>): Promise<T> => work();

/** Registers the back end; answers with a way to find the GPU device once it runs. */
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
			// Threads gain tfjs nothing (30.5 against 31 GFLOPS) and want workers made from text, which the policy forbids.
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
