/** @file Allocator of the kernel's memory: best fit, with neighbouring gaps merged. */
import { BackendError } from '#base/backend-error.ts';

const pageBytes = 65_536;
/** Bytes by which memory grows at a time. */
const growthBytes = 4 * 2 ** 20;

export interface Heap {
	readonly memory: WebAssembly.Memory;
	/** Allocates a zeroed block, aligned to 64 bytes, and returns its address. */
	allocate(bytes: number): number;
	/** Frees a block of exactly this size. */
	free(address: number, bytes: number): void;
	/** Bytes allocated and not freed. */
	held(): number;
}

const rounded = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** A free range below the top; ranges are in address order, and neighbours are merged. */
interface Gap {
	address: number;
	bytes: number;
}

/** Creates a heap over all memory from address `base` on. */
export function createHeap(memory: WebAssembly.Memory, base: number): Heap {
	const gaps: Gap[] = [];
	// Address 0 stands for "none" in every table.
	let top = rounded(Math.max(base, 64));
	/** Memory from here on is still zeroed. */
	let touched = top;

	/** Allocates from the smallest gap that is large enough; returns its address. */
	const fill = (bytes: number): number | undefined => {
		let best: Gap | undefined;
		for (const gap of gaps)
			if (gap.bytes >= bytes && gap.bytes < (best?.bytes ?? Infinity)) best = gap;
		if (!best) return undefined;
		const { address } = best;
		best.address += bytes;
		best.bytes -= bytes;
		if (best.bytes === 0) gaps.splice(gaps.indexOf(best), 1);
		return address;
	};
	let held = 0;
	return {
		memory,
		held: () => held,
		allocate: (asked) => {
			const bytes = rounded(asked);
			const again = fill(bytes);
			const address = again ?? top;
			if (again === undefined) {
				const missing = top + bytes - memory.buffer.byteLength;
				if (missing > 0) grow(memory, missing);
				top += bytes;
			}
			const dirty = Math.min(bytes, touched - address);
			if (dirty > 0) new Uint8Array(memory.buffer, address, dirty).fill(0);
			touched = Math.max(touched, top);
			held += bytes;
			return address;
		},
		free: (address, asked) => {
			const bytes = rounded(asked);
			if (bytes === 0) return;
			held -= bytes;
			const next = gaps.findIndex((gap) => gap.address > address);
			const place = next < 0 ? gaps.length : next;
			gaps.splice(place, 0, { address, bytes });
			join(gaps, place);
			join(gaps, place - 1);
			const last = gaps.at(-1);
			if (last && last.address + last.bytes === top) {
				top = last.address;
				gaps.pop();
			}
		},
	};
}

/** Merges a gap with the next one if they touch. */
function join(gaps: Gap[], place: number): void {
	const [gap, next] = [gaps[place], gaps[place + 1]];
	if (!gap || !next || gap.address + gap.bytes !== next.address) return;
	gap.bytes += next.bytes;
	gaps.splice(place + 1, 1);
}

function grow(memory: WebAssembly.Memory, missing: number): void {
	const pages = (bytes: number): number => Math.ceil(bytes / pageBytes);
	try {
		if (missing < growthBytes) {
			memory.grow(pages(growthBytes));
			return;
		}
	} catch {
		// A smaller growth may still succeed.
	}
	try {
		memory.grow(pages(missing));
	} catch (cause) {
		throw new BackendError(
			'out-of-memory',
			'There is not enough memory for this model and its KV cache; take a smaller model, ask fewer things or learn from fewer and shorter texts at once, or close other tabs.',
			{ cause },
		);
	}
}
