/**
 * @file In which form a model's weights are held while it speaks: one table, by where it runs and what it does.
 *
 * A model is in memory once, so the jobs of one place share a form; their reasons stand side by side all the same.
 */
import { isExact } from '#model/packing/blocks.ts';
import type { PackedForm } from '#model/packing/packing.ts';
import { parameterCount, type ModelSpec } from '#model/spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { suits } from './kernel/model.ts';

/** Where graphs run. */
export type Place = 'node' | 'wasm' | 'webgpu';
/** One answer at a time; many at once; reading a prompt or scoring a text. */
export type Job = 'decode' | 'batch' | 'prefill';

/** `kernel`: on the kernel of our own, in 4 or 8 bits by block; the others are ONNX Runtime's. */
export type SpeakingForm = PackedForm | 'kernel';

/** A form, and what was measured that speaks for it. */
interface Choice {
	readonly form: SpeakingForm;
	readonly because: string;
}

export const speakingForms: Readonly<Record<Place, Readonly<Record<Job, Choice>>>> = {
	node: {
		decode: {
			form: 'nbits',
			because:
				'SmolLM2-135M Q4_1: whole zero points and block sums are exact and fast, where float zero points gave 2.6 tokens/s',
		},
		batch: {
			form: 'nbits',
			because: 'the same weights; perplexity is that of F32 to seven digits',
		},
		prefill: {
			form: 'nbits',
			because: 'the same weights; perplexity is that of F32 to seven digits',
		},
	},
	wasm: {
		decode: {
			form: 'kernel',
			because:
				'SmolLM2-135M Q4_1, one thread: 130 tokens/s; of ONNX Runtime 22 in 8 bits by output, 19 in F32, 3.5 with MatMulNBits, which widens its weights at every step',
		},
		batch: {
			form: 'kernel',
			because: 'batch 16, one thread: 179 tokens/s; of ONNX Runtime 96',
		},
		prefill: {
			form: 'kernel',
			because: '296 tokens/s on one thread; of ONNX Runtime 179. Perplexity is 0.6 % above F32',
		},
	},
	webgpu: {
		decode: { form: 'nbits', because: 'reads an eighth of the bytes, and loses nothing' },
		batch: { form: 'nbits', because: 'the same weights' },
		prefill: { form: 'nbits', because: 'the same weights' },
	},
};

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
	place: Place,
	spec: ModelSpec,
	stored: WeightStore['stored'],
): SpeakingForm {
	if (asked !== 'auto') return asked;
	const parameters = parameterCount(spec);
	if (parameters <= smallModel) return 'f32';
	const { form } = speakingForms[place].decode;
	const exact = [...stored.values()].every((w) => w.shape.length < 2 || isExact(w.form));
	if (form === 'kernel' && !suits(spec)) return 'nbits';
	// Memory in a tab is dear; a process keeps what is stored.
	return place === 'node' && !exact && 4 * parameters <= largeFloats ? 'f32' : form;
}
