/** @file Weights of a checkpoint, on demand, in their stored types. */

/** Element or block types; block types are llama.cpp's (ggml), 32 or 256 values of a row together. */
export const weightForms = [
	'F32',
	'F16',
	'BF16',
	'Q8_0',
	'Q4_0',
	'Q4_1',
	'Q5_0',
	'Q5_1',
	'Q4_K',
	'Q6_K',
] as const;
export type WeightForm = (typeof weightForms)[number];

export interface StoredWeight {
	/** Row-major, `[out, in]` for a linear module, as in `weightShapes`. */
	readonly shape: readonly number[];
	readonly form: WeightForm;
}

/** The weights of one model by their Hugging Face names, loaded on demand. */
export interface WeightStore {
	readonly stored: ReadonlyMap<string, StoredWeight>;
	/** Bytes as stored, little-endian, rows in the order of `shape`; blocks run along a row. */
	raw(name: string, signal?: AbortSignal): Promise<Uint8Array>;
	/** The values, dequantised; possibly the store's own array, so callers must not write to them. */
	floats(name: string, signal?: AbortSignal): Promise<Float32Array>;
}
