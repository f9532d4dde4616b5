/** @file Memory of the kernel: pieces are taken, given back, and taken again by who needs as much. */
import { BackendError } from '#base/backend-error.ts';

const pageBytes = 65_536;
/** Grown by so much at a time. */
const growthBytes = 4 * 2 ** 20;

export interface Heap {
	readonly memory: WebAssembly.Memory;
	/** Address of a new piece, all zeros, on a multiple of 64. */
	allocate(bytes: number): number;
	/** Gives back a piece of exactly this size. */
	free(address: number, bytes: number): void;
	/** Bytes that are taken and not given back. */
	held(): number;
}

const rounded = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** What lies unused below the top, in the order of addresses; neighbours are one. */
interface Gap {
	address: number;
	bytes: number;
}

/** A heap over all of a memory from this address on. */
export function createHeap(memory: WebAssembly.Memory, base: number): Heap {
	const gaps: Gap[] = [];
	// Address 0 means that there is nothing.
	let top = rounded(Math.max(base, 64));
	/** Memory is all zeros from here on. */
	let touched = top;

	/** The address of the smallest gap that is large enough, taken. */
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

/** Makes a gap and the next one a single one where they touch. */
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
		// Less may still be had.
	}
	try {
		memory.grow(pages(missing));
	} catch (cause) {
		throw new BackendError(
			'out-of-memory',
			'There is not enough memory for this model and what it has to remember; take a smaller model, ask fewer things or learn from fewer and shorter texts at once, or close other tabs.',
			{ cause },
		);
	}
}
