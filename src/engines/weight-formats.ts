/** @file Weight format for inference, by platform and model. */
import { isExact } from '#model/packing/blocks.ts';
import type { PackedFormat } from '#model/packing/packing.ts';
import { parameterCount } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { suits } from './kernel/model.ts';

/** Weight format of an engine: `kernel` is our kernel, in 4 or 8 bits by block; the others are ONNX Runtime's. */
export type WeightFormat = PackedFormat | 'kernel';

/** Preferred format of a platform. A model is in memory once, so decoding, batches and prefill share it. */
export interface FormatPreference {
	readonly form: WeightFormat;
	/** Format for weights that blocks would round, as long as they fit. */
	readonly inexact?: WeightFormat;
}

/** Parameters up to which F32 fits everywhere and is as fast. */
const smallModel = 30e6;
/** Largest F32 weights in bytes, used if blocks would round. */
const largeFloats = 4e9;

/** Values of the user's option. */
export const formatNames = ['auto', 'f32', 'nbits', 'kernel'] as const;
export type FormatName = (typeof formatNames)[number];

/** The weight format for a model on a platform. */
export function chooseWeightFormat(
	asked: FormatName,
	{ form, inexact = form }: FormatPreference,
	spec: ModelSpec,
	stored: WeightStore['stored'],
): WeightFormat {
	if (asked !== 'auto') return asked;
	const parameters = parameterCount(spec);
	if (parameters <= smallModel) return 'f32';
	if (form === 'kernel' && !suits(spec)) return 'nbits';
	const exact = [...stored.values()].every((w) => w.shape.length < 2 || isExact(w.form));
	return !exact && 4 * parameters <= largeFloats ? inexact : form;
}
