/** @file In which form a model's weights are held while it speaks; a place says which is best there. */
import { isExact } from '#model/packing/blocks.ts';
import type { PackedForm } from '#model/packing/packing.ts';
import { parameterCount } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { suits } from './kernel/model.ts';

/** `kernel`: on the kernel of our own, in 4 or 8 bits by block; the others are ONNX Runtime's. */
export type SpeakingForm = PackedForm | 'kernel';

/** The best form of a place. A model is in memory once, so decoding, batches and prefill share it. */
export interface FormPreference {
	readonly form: SpeakingForm;
	/** Of weights that blocks would not hold exactly, as long as they fit. */
	readonly inexact?: SpeakingForm;
}

/** Up to here F32 fits everywhere and is as fast. */
const smallModel = 30e6;
/** Bytes of F32 weights that a process may take where blocks would lose something. */
const largeFloats = 4e9;

/** What a person may ask for. */
export const formNames = ['auto', 'f32', 'nbits', 'kernel'] as const;
export type FormName = (typeof formNames)[number];

/** The form for a model at a place. */
export function chooseForm(
	asked: FormName,
	{ form, inexact = form }: FormPreference,
	spec: ModelSpec,
	stored: WeightStore['stored'],
): SpeakingForm {
	if (asked !== 'auto') return asked;
	const parameters = parameterCount(spec);
	if (parameters <= smallModel) return 'f32';
	if (form === 'kernel' && !suits(spec)) return 'nbits';
	const exact = [...stored.values()].every((w) => w.shape.length < 2 || isExact(w.form));
	return !exact && 4 * parameters <= largeFloats ? inexact : form;
}
