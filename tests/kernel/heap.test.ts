/** @file The kernel's memory: pieces never overlap, are zeros, and what is given back is used again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeap } from '#kernel/heap.ts';

const memoryOf = (maximum: number) => new WebAssembly.Memory({ initial: 1, maximum });

describe('the heap', () => {
	it('gives pieces of zeros that lie apart, whatever was taken and given back before', () => {
		const steps = fc.array(fc.record({ bytes: fc.nat(3000), frees: fc.nat(8) }), { maxLength: 60 });
		fc.assert(
			fc.property(steps, (all) => {
				const heap = createHeap(memoryOf(100), 0);
				const pieces: { at: number; bytes: number; mark: number }[] = [];
				const bytesAt = (at: number, bytes: number) =>
					new Uint8Array(heap.memory.buffer, at, bytes);
				all.forEach(({ bytes, frees }, i) => {
					if (frees > 4) {
						const [piece] = pieces.splice(frees % Math.max(1, pieces.length), 1);
						if (piece) heap.free(piece.at, piece.bytes);
						return;
					}
					const at = heap.allocate(bytes);
					expect(at % 64).toBe(0);
					expect(at).toBeGreaterThan(0);
					expect(bytesAt(at, bytes).every((byte) => byte === 0)).toBe(true);
					const mark = 1 + (i % 255);
					bytesAt(at, bytes).fill(mark);
					pieces.push({ at, bytes, mark });
				});
				for (const { at, bytes, mark } of pieces)
					expect(bytesAt(at, bytes).every((byte) => byte === mark)).toBe(true);
				for (const { at, bytes } of pieces) heap.free(at, bytes);
				expect(heap.held()).toBe(0);
				// All is one piece again.
				const first = heap.allocate(64);
				heap.free(first, 64);
				expect(heap.allocate(100 * 1024)).toBe(first);
			}),
			{ numRuns: 200 },
		);
	});

	it('keeps clear of the constants of the module', () => {
		expect(createHeap(memoryOf(10), 4100).allocate(1)).toBeGreaterThanOrEqual(4100);
		expect(createHeap(memoryOf(10), 0).allocate(1)).toBeGreaterThan(0);
	});

	it('takes the last page that there is, and says what to do when there is none', () => {
		const heap = createHeap(memoryOf(3), 0);
		const piece = heap.allocate(2.5 * 65_536);
		expect(heap.memory.buffer.byteLength).toBe(3 * 65_536);
		const held = heap.held();
		expect(() => heap.allocate(65_536)).toThrow(
			expect.objectContaining({
				code: 'out-of-memory',
				message: expect.stringMatching(/smaller model/) as unknown,
			}),
		);
		expect(heap.held()).toBe(held);
		heap.free(piece, 2.5 * 65_536);
		expect(heap.allocate(65_536)).toBe(piece);
	});
});
