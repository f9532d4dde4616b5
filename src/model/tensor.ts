/** @file Dense F32 tensor and a named set of them: the common format of weights. */

/** Row-major F32 values; `data.length` is the product of `shape`. */
export interface Tensor {
	readonly shape: readonly number[];
	readonly data: Float32Array;
}

/** Weights by their Hugging Face name, e.g. `model.layers.0.self_attn.q_proj.weight` ([out, in]). */
export type TensorMap = ReadonlyMap<string, Tensor>;

/** Number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** A tensor of zeros. */
export const zeros = (shape: readonly number[]): Tensor => ({
	shape,
	data: new Float32Array(sizeOf(shape)),
});

/** A deep copy, so that the caller may change the values. */
export const cloneTensors = (tensors: TensorMap): Map<string, Tensor> =>
	new Map([...tensors].map(([name, t]) => [name, { shape: t.shape, data: t.data.slice() }]));
