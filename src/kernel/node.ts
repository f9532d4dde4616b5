/** @file Kernel in Node; its helper threads are worker threads. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { startKernel, type Kernel, type KernelLimits, type RunningHelper } from './kernel.ts';
import type { Helper } from './thread.ts';

/** Build with or without relaxed SIMD instructions. */
export type KernelBuild = 'relaxed' | 'plain';

/** V8 flag of relaxed SIMD: Node 20 has the instructions behind it, later ones have them anyway. */
const relaxedSimd = '--experimental-wasm-relaxed-simd';

/** Starts the kernel with `threads` threads, in the fastest build that this Node supports. */
export async function openNodeKernel(
	threads = Math.min(4, os.availableParallelism()),
	build?: KernelBuild,
	limits?: KernelLimits,
): Promise<Kernel> {
	let bytes = await readBuild(build ?? 'relaxed');
	if (!WebAssembly.validate(bytes)) setFlagsFromString(relaxedSimd);
	if (!build && !WebAssembly.validate(bytes)) bytes = await readBuild('plain');
	return startKernel(await WebAssembly.compile(bytes), threads, true, startNodeHelper, limits);
}

async function readBuild(name: KernelBuild): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await readFile(new URL(`./wasm/${name}-threads.wasm`, import.meta.url)));
}

/** Starts a helper thread, which does not keep the process alive. */
export async function startNodeHelper(helper: Helper): Promise<RunningHelper> {
	const worker = new Worker(program, { eval: true, workerData: helper });
	await new Promise((resolve, reject) => {
		worker.once('message', resolve);
		worker.once('error', reject);
	});
	worker.unref();
	return {
		stop: async () => {
			await worker.terminate();
		},
	};
}

/** Source of a helper thread, the counterpart of `thread.ts`: a Node worker thread cannot load TypeScript by itself. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, bell, team, thread, scratch } = workerData;
const sleep = (at, from) => {
	const rung = Atomics.load(bell, 0);
	if (Atomics.load(new Int32Array(memory.buffer), at >> 2) === from) Atomics.wait(bell, 0, rung);
};
const wake = () => {
	Atomics.add(bell, 0, 1);
	Atomics.notify(bell, 0);
};
WebAssembly.instantiate(module, { env: { memory }, team: { sleep, wake } }).then(({ exports }) => {
	parentPort.postMessage('ready');
	exports.serve(team, thread, scratch);
});
`;
