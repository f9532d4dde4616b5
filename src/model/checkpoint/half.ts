/**
 * @file 16-bit floats to and from F32, as IEEE 754 has them: round to nearest even, subnormals, infinities, NaN.
 *
 * By bits, since Node 20 and Safari of its age have no Float16Array.
 */

/** F16 bits → F32 bits; exact for every value. */
function widenF16(half: number): number {
	const sign = (half & 0x8000) << 16;
	const exponent = (half >>> 10) & 0x1f;
	const mantissa = half & 0x3ff;
	if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
	if (exponent > 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
	if (mantissa === 0) return sign;
	// Subnormal, mantissa · 2⁻²⁴: its highest set bit becomes the implicit one of F32.
	const highest = 31 - Math.clz32(mantissa);
	return sign | ((highest + 103) << 23) | ((mantissa << (23 - highest)) & 0x7fffff);
}

/** F32 bits → F16 bits. */
function narrowF16(bits: number): number {
	const sign = (bits >>> 16) & 0x8000;
	const size = bits & 0x7fffffff;
	if (size > 0x7f800000) return sign | 0x7e00 | ((size >>> 13) & 0x3ff); // NaN, made quiet
	if (size >= 0x477ff000) return sign | 0x7c00; // 65520 is half-way to 2¹⁶ and ties to it
	if (size >= 0x38800000) {
		const rebiased = size - 0x38000000;
		return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
	}
	if (size <= 0x33000000) return sign; // at most half of the least subnormal 2⁻²⁴
	const drop = 126 - (size >>> 23);
	const mantissa = (size & 0x7fffff) | 0x800000;
	const kept = mantissa >>> drop;
	const rest = mantissa & ((1 << drop) - 1);
	const half = 1 << (drop - 1);
	return sign | (rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept);
}

/** F32 bits → BF16 bits. */
function narrowBf16(bits: number): number {
	if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // rounding could turn it into infinity
	return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

let f16Table: Int32Array | undefined;

/** F16 values as F32. */
export function fromF16(halves: Uint16Array): Float32Array {
	const table = (f16Table ??= Int32Array.from({ length: 0x10000 }, (_, half) => widenF16(half)));
	const bits = new Int32Array(halves.length);
	for (let i = 0; i < bits.length; i++) bits[i] = table[halves[i] ?? 0] ?? 0;
	return new Float32Array(bits.buffer);
}

/** F16 values `stride` bytes apart, from byte `at`, as F32. */
export function spacedF16(bytes: Uint8Array, stride: number, at: number): Float32Array {
	const halves = new Uint16Array(bytes.length / stride);
	for (let i = 0; i < halves.length; i++) {
		const from = i * stride + at;
		halves[i] = (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8);
	}
	return fromF16(halves);
}

/** BF16 values as F32. */
export function fromBf16(halves: Uint16Array): Float32Array {
	const bits = new Int32Array(halves.length);
	for (let i = 0; i < bits.length; i++) bits[i] = (halves[i] ?? 0) << 16;
	return new Float32Array(bits.buffer);
}

const narrow = (values: Float32Array, convert: (bits: number) => number): Uint16Array => {
	const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const halves = new Uint16Array(values.length);
	for (let i = 0; i < halves.length; i++) halves[i] = convert(bits[i] ?? 0);
	return halves;
};

/** F32 values rounded to F16. */
export const toF16 = (values: Float32Array): Uint16Array => narrow(values, narrowF16);

/** F32 values rounded to BF16. */
export const toBf16 = (values: Float32Array): Uint16Array => narrow(values, narrowBf16);
