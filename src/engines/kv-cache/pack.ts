/** @file A KV cache in fewer bits, made of one in F32 as the kernel does it, so that a conversation that grows long is not read again. */
import type { KvType } from '#base/limits.ts';
import { quantize } from '#model/checkpoint/gguf/quantize.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { rowWords, type CachedTokens } from '../decoding/cached-tokens.ts';

/** The largest number of a row in 8 bits, and the largest of 16. */
const [most, mostHalf] = [127, 65504];

/**
 * The cache in this type, a copy; undefined if it holds fewer bits already, of which the others are not to be had. Its first
 * layer is what the kernel would have stored; later layers have read exact ones.
 */
export function packedCache(
	cache: CachedTokens,
	type: KvType,
	{ keyValueHeads, headSize }: Pick<ModelSpec, 'keyValueHeads' | 'headSize'>,
): CachedTokens | undefined {
	if ((cache.type ?? 'f32') === type) return cache;
	if (type === 'f32' || cache.type !== undefined) return undefined;
	const { slots, row, from, length } = cache;
	const arrays = cache.arrays.map((all) => {
		const rows = new Float32Array(keyValueHeads * length * headSize);
		for (let head = 0; head < keyValueHeads; head++) {
			const first = ((row * keyValueHeads + head) * slots + from) * headSize;
			rows.set(all.subarray(first, first + length * headSize), head * length * headSize);
		}
		return type === 'f16' ? halves(rows) : eights(rows, headSize);
	});
	return { ...cache, arrays, slots: length, row: 0, from: 0, type };
}

/** What does not fit becomes the largest finite number, as in the kernel. */
const halves = (rows: Float32Array): Float32Array => {
	const finite = rows.map((value) => Math.max(-mostHalf, Math.min(mostHalf, value)));
	return new Float32Array(quantize('F16', finite).buffer);
};

/** To the nearest whole number, halves to the even one. */
function nearest(value: number): number {
	const whole = Math.round(value);
	return whole - value === 0.5 && whole % 2 !== 0 ? whole - 1 : whole;
}

/** Of each row its scale, then its whole numbers. */
function eights(rows: Float32Array, size: number): Float32Array {
	const words = rowWords('q8', size);
	const packed = new Float32Array((rows.length / size) * words);
	const bytes = new Int8Array(packed.buffer);
	for (let at = 0, to = 0; at < rows.length; at += size, to += words) {
		let largest = 0;
		for (let i = 0; i < size; i++) largest = Math.max(largest, Math.abs(rows[at + i] ?? 0));
		packed[to] = largest / most;
		const inverse = largest > 0 ? Math.fround(most / largest) : 0;
		for (let i = 0; i < size; i++)
			bytes[4 * (to + 1) + i] = nearest(Math.fround((rows[at + i] ?? 0) * inverse));
	}
	return packed;
}
