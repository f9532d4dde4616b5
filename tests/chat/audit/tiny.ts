/** @file Smallest models for audits: one block, twelve characters, random weights, on the kernel. */
import { openKernelEngine } from '#engines/kernel/engine.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { openNodeKernel } from '#kernel/node.ts';
import type { Adapter } from '#model/adapter.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import { initialiseLora, initialiseModel } from '#training/initialise.ts';
import { openKernelLayers } from '#training/kernel/kernel-layers.ts';
import { inputGradients } from '#training/layered/input-gradients.ts';
import { sayableTokens } from '#chat/audit/frame.ts';
import type { AuditModel } from '#chat/audit/oracle.ts';
import type { AuditLanguage } from '#chat/audit/texts.ts';
import { tinySpec } from '../../fixtures/tiny-spec.ts';

const characters = [...'abcdefghij'];
export const language: AuditLanguage = {
	tokenizer: characterTokenizer({ pad: '<pad>', end: '<end>', characters }),
};
export const spec = tinySpec(['<pad>', '<end>', ...characters]);
const parameters = { kind: 'lora', rank: 2, alpha: 4, targets: ['q_proj', 'down_proj'] } as const;

/** A random model with a LoRA without effect. */
export async function openTiny(
	seed: number,
	kernels: Kernel[],
): Promise<AuditModel & { readonly adapter: Adapter }> {
	const weights = tensorStore(initialiseModel(spec, seed, 0.7));
	const [speaks, learns] = [await openNodeKernel(1), await openNodeKernel(1)];
	kernels.push(speaks, learns);
	const { tokenizer } = language;
	return {
		engine: shareEngine(await openKernelEngine({ kernel: speaks, weights, spec, tokenizer })),
		adapter: { parameters, tensors: initialiseLora(spec, parameters, seed) },
		gradients: await inputGradients(spec, parameters, (...how) =>
			openKernelLayers(learns, spec, weights, ...how),
		),
		hiddenSize: spec.hiddenSize,
		vocabulary: await sayableTokens(tokenizer),
	};
}
