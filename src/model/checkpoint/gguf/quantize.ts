/** @file F32 values to F16, Q8_0 and Q4_0, rounded as ggml's reference rounds them. */
import { toF16 } from '../half.ts';
import { layouts } from './tensor-types.ts';

/** Types that can be written. */
export type WrittenForm = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

/** Values as stored; Q8_0 and Q4_0 need whole blocks of 32. */
export function quantize(form: WrittenForm, values: Float32Array): Uint8Array {
	switch (form) {
		case 'F32':
			return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
		case 'F16':
			return new Uint8Array(toF16(values).buffer);
		case 'Q8_0':
			return q8(values);
		case 'Q4_0':
			return q4(values);
		default:
			return form satisfies never;
	}
}

/** Each block: d = largest / 127 as F16, then the values over the unrounded d, halves away from zero. */
function q8(values: Float32Array): Uint8Array {
	const blocks = values.length / 32;
	const scales = new Float32Array(blocks);
	const { bytes } = layouts.Q8_0;
	const out = new Uint8Array(blocks * bytes);
	for (let block = 0; block < blocks; block++) {
		let largest = 0;
		for (let j = 0; j < 32; j++) largest = Math.max(largest, Math.abs(values[block * 32 + j] ?? 0));
		const d = Math.fround(largest / 127);
		scales[block] = d;
		const inverse = d === 0 ? 0 : Math.fround(1 / d);
		for (let j = 0; j < 32; j++) {
			const scaled = Math.fround((values[block * 32 + j] ?? 0) * inverse);
			out[block * bytes + 2 + j] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
		}
	}
	writeScales(out, scales, bytes);
	return out;
}

/** Each block: d = the value farthest from 0 over −8 as F16, then 8.5 plus the values over the unrounded d, cut to 0 to 15. */
function q4(values: Float32Array): Uint8Array {
	const blocks = values.length / 32;
	const scales = new Float32Array(blocks);
	const { bytes } = layouts.Q4_0;
	const out = new Uint8Array(blocks * bytes);
	for (let block = 0; block < blocks; block++) {
		let farthest = 0;
		for (let j = 0; j < 32; j++) {
			const value = values[block * 32 + j] ?? 0;
			if (Math.abs(value) > Math.abs(farthest)) farthest = value;
		}
		const d = Math.fround(farthest / -8);
		scales[block] = d;
		const inverse = d === 0 ? 0 : Math.fround(1 / d);
		const quant = (j: number): number => {
			const scaled = Math.fround((values[block * 32 + j] ?? 0) * inverse);
			return Math.min(15, Math.trunc(Math.fround(scaled + 8.5)));
		};
		for (let j = 0; j < 16; j++) out[block * bytes + 2 + j] = quant(j) | (quant(j + 16) << 4);
	}
	writeScales(out, scales, bytes);
	return out;
}

/** The scales as F16 at the beginning of each block. */
function writeScales(out: Uint8Array, scales: Float32Array, bytes: number): void {
	for (const [block, half] of toF16(scales).entries()) {
		out[block * bytes] = half & 255;
		out[block * bytes + 1] = half >> 8;
	}
}
