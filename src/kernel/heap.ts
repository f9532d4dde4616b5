/** @file Memory of the kernel: pieces are taken, given back, and taken again by who needs as much. */
import { KernelError } from './kernel-error.ts';

const pageBytes = 65_536;
/** Grown by so much at a time. */
const growthBytes = 4 * 2 ** 20;

export interface Heap {
	readonly memory: WebAssembly.Memory;
	/** Address of a new piece, all zeros, on a multiple of 64. */
	allocate(bytes: number): number;
	/** Gives back a piece of exactly this size. */
	free(address: number, bytes: number): void;
}

const rounded = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** A heap over the whole of a memory. */
export function createHeap(memory: WebAssembly.Memory): Heap {
	const unused = new Map<number, number[]>();
	// Address 0 means that there is nothing.
	let top = 1024;
	return {
		memory,
		allocate: (asked) => {
			const bytes = rounded(asked);
			const again = unused.get(bytes)?.pop();
			if (again !== undefined) {
				new Uint8Array(memory.buffer, again, bytes).fill(0);
				return again;
			}
			const missing = top + bytes - memory.buffer.byteLength;
			if (missing > 0) grow(memory, missing);
			const address = top;
			top += bytes;
			return address;
		},
		free: (address, asked) => {
			const bytes = rounded(asked);
			const list = unused.get(bytes) ?? [];
			list.push(address);
			unused.set(bytes, list);
		},
	};
}

function grow(memory: WebAssembly.Memory, missing: number): void {
	try {
		memory.grow(Math.ceil(Math.max(missing, growthBytes) / pageBytes));
	} catch (cause) {
		throw new KernelError(
			'out-of-memory',
			'There is not enough memory for this model and what it has to remember; take a smaller model, ask fewer things at once, or close other tabs.',
			{ cause },
		);
	}
}
