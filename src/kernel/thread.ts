/** @file One thread of the kernel: the module over the shared memory, and the futex by which threads wait and wake. */

/** State shared by all threads. */
export interface Shared {
	readonly module: WebAssembly.Module;
	readonly memory: WebAssembly.Memory;
	/** Wake counter. It lies outside the kernel's memory, since some engines lose waiters when that memory grows. */
	readonly bell: Int32Array;
}

/** Exports of the module; addresses are in bytes. */
export interface Exports {
	/** Packs rows of quants, scales and offsets into tiles. */
	pack(
		bits: number,
		rows: number,
		blocks: number,
		quants: number,
		scales: number,
		offsets: number,
		to: number,
	): void;
	/** The first free address, above the module's static data. */
	heapBase(): number;
	/** Runs a job as the first thread. */
	run(team: number, job: number, scratch: number): void;
	/** Serves jobs until the team stops. */
	serve(team: number, thread: number, scratch: number): void;
}

/** A helper thread: its index and the addresses of its team and scratch. */
export interface Helper extends Shared {
	readonly team: number;
	readonly thread: number;
	readonly scratch: number;
}

const isMainThread = 'document' in globalThis;

/** Longest time in milliseconds that one wait counts for: a machine may sleep, or freeze the page, meanwhile. */
const sliceMs = 1000;

/** Timeout waiting for another thread. */
class LateError extends Error {
	override name = 'LateError';
	override message = 'another thread did not come';
}

/** Busy wait for the main thread of a page, which may not block. */
function spin(memory: WebAssembly.Memory, at: number, from: number, patience: number): void {
	const word = new Int32Array(memory.buffer, at, 1);
	let [left, before] = [patience, performance.now()];
	while (Atomics.load(word, 0) === from) {
		const now = performance.now();
		left -= Math.min(now - before, sliceMs);
		before = now;
		if (left < 0) throw new LateError();
	}
}

/** Blocks until the wake counter changes; throws after `patience` milliseconds. */
export function wait(bell: Int32Array, rung: number, patience: number): void {
	if (patience === Infinity) {
		Atomics.wait(bell, 0, rung);
		return;
	}
	for (let left = patience; left > 0; left -= sliceMs)
		if (Atomics.wait(bell, 0, rung, Math.min(left, sliceMs)) !== 'timed-out') return;
	throw new LateError();
}

/** Instantiates the module in this thread. Waiting for other threads longer than `patience` (milliseconds) throws. */
export async function instantiate(
	{ module, memory, bell }: Shared,
	patience = Infinity,
): Promise<Exports> {
	const { exports } = await WebAssembly.instantiate(module, {
		env: { memory },
		team: {
			sleep: (at: number, from: number) => {
				const rung = Atomics.load(bell, 0);
				if (Atomics.load(new Int32Array(memory.buffer), at >> 2) !== from) return;
				if (isMainThread) spin(memory, at, from, patience);
				else wait(bell, rung, patience);
			},
			wake: () => {
				ring(bell);
			},
		},
	});
	// The module is our own, and its builds are tested.
	return exports as unknown as Exports;
}

/** Wakes all waiting threads. */
export function ring(bell: Int32Array): void {
	Atomics.add(bell, 0, 1);
	Atomics.notify(bell, 0);
}
