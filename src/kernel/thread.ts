/** @file One thread of the kernel: the module over the memory that all share, and how threads sleep and wake each other. */

/** What all threads have in common. */
export interface Shared {
	readonly module: WebAssembly.Module;
	readonly memory: WebAssembly.Memory;
	/**
	 * One number that grows whenever sleepers are woken. It is not in the kernel's memory, since some engines forget who
	 * sleeps there when that memory grows.
	 */
	readonly bell: Int32Array;
}

/** What the module exports; addresses are in bytes. */
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
	/** The first address that is free: below lie constants of the module. */
	heapBase(): number;
	/** Runs a job as the first thread. */
	run(team: number, job: number, scratch: number): void;
	/** Takes part in jobs until the team is told to stop. */
	serve(team: number, thread: number, scratch: number): void;
}

/** A helper: which thread it is, and where its things lie. */
export interface Helper extends Shared {
	readonly team: number;
	readonly thread: number;
	readonly scratch: number;
}

const isMainThread = 'document' in globalThis;

/** A machine may sleep, or freeze the page, while a thread waits: that counts as so many milliseconds at most. */
const sliceMs = 1000;

/** Another thread was waited for in vain. */
class LateError extends Error {
	override name = 'LateError';
	override message = 'another thread did not come';
}

/** The main thread of a page may not sleep: it looks again and again. */
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

/** Sleeps until the bell is rung, or throws. */
export function wait(bell: Int32Array, rung: number, patience: number): void {
	if (patience === Infinity) {
		Atomics.wait(bell, 0, rung);
		return;
	}
	for (let left = patience; left > 0; left -= sliceMs)
		if (Atomics.wait(bell, 0, rung, Math.min(left, sliceMs)) !== 'timed-out') return;
	throw new LateError();
}

/** Opens the module in this thread. Waiting for other threads longer than `patience` (milliseconds) throws. */
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

/** Wakes all that sleep. */
export function ring(bell: Int32Array): void {
	Atomics.add(bell, 0, 1);
	Atomics.notify(bell, 0);
}
