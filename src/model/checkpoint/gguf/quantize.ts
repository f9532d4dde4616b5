/** @file F32 values to F16 and Q8_0, rounded as ggml's reference rounds them. */
import { toF16 } from '../half.ts';
import { layouts } from './tensor-types.ts';

/** Types that can be written. */
export type WrittenForm = 'F32' | 'F16' | 'Q8_0';

/** Values as stored; Q8_0 needs whole blocks of 32. */
export function quantize(form: WrittenForm, values: Float32Array): Uint8Array {
	switch (form) {
		case 'F32':
			return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
		case 'F16':
			return new Uint8Array(toF16(values).buffer);
		case 'Q8_0':
			return q8(values);
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
	for (const [block, half] of toF16(scales).entries()) {
		out[block * bytes] = half & 255;
		out[block * bytes + 1] = half >> 8;
	}
	return out;
}
