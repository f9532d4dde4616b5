/**
 * @file Adapter: the change of a policy to its base model, a LoRA or a full set of weights.
 *
 * LoRA tensors have PEFT's names without prefix: `<module>.lora_A.weight` [r, in] and `<module>.lora_B.weight` [out, r],
 * with `<module>` such as `model.layers.0.self_attn.q_proj`. The effective weight is W + (alpha / r) · B·A.
 */
import type { TensorMap } from './tensor.ts';

/** Linear modules of a block that a LoRA may change, by their Hugging Face names. */
export const loraTargets = [
	'q_proj',
	'k_proj',
	'v_proj',
	'o_proj',
	'gate_proj',
	'up_proj',
	'down_proj',
] as const;
export type LoraTarget = (typeof loraTargets)[number];

/** Trained parameters. */
export type Parameters =
	| {
			readonly kind: 'lora';
			readonly rank: number;
			readonly alpha: number;
			readonly targets: readonly LoraTarget[];
	  }
	| { readonly kind: 'full' };

/** Do both name the same tensors and scale, in any order of targets? */
export function sameParameters(a: Parameters, b: Parameters): boolean {
	if (a.kind === 'full' || b.kind === 'full') return a.kind === b.kind;
	const targets = ({ targets: named }: typeof a) => [...new Set(named)].sort().join();
	return a.rank === b.rank && a.alpha === b.alpha && targets(a) === targets(b);
}

/** Weights to apply to a base model: LoRA factors, or every weight by its own name. */
export interface Adapter {
	readonly parameters: Parameters;
	readonly tensors: TensorMap;
}
