/** @file Policy engine on the kernel: weights in 4 or 8 bits as stored, several threads over one memory. */
import type { WeightStore } from '#model/weight-store.ts';
import type { Language } from '../decoding/prompts.ts';
import { runLimits } from '../decoding/limits.ts';
import { createStepEngine } from '../decoding/step-engine.ts';
import type { PolicyEngine } from '../engine.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { createRunner, kernelDecoder } from './decoder.ts';
import { loadModel } from './model.ts';
import { createLoraSlots } from './lora.ts';
import { isHeldExactly } from '#kernel/matrices.ts';

export interface KernelEngineParts extends Language {
	readonly kernel: Kernel;
	readonly weights: WeightStore;
}

/** Description of the weights for people. */
function describe({ stored }: WeightStore): string {
	const matrices = [...stored.values()].filter(({ shape }) => shape.length === 2);
	const exact = matrices.every(isHeldExactly);
	return `weights in blocks of 4 or 8 bits${exact ? ', as they are stored' : ''}`;
}

/** Reads the weights and opens the engine; `dispose`, or a failure here, disposes of the kernel. */
export async function openKernelEngine(
	{ kernel, weights, ...language }: KernelEngineParts,
	signal?: AbortSignal,
): Promise<PolicyEngine> {
	const { spec } = language;
	const open = async () => {
		const model = await loadModel(kernel, spec, weights, signal);
		return {
			runner: createRunner(kernel, spec, model),
			lora: createLoraSlots(kernel, model),
		};
	};
	const { runner, lora } = await open().catch(async (error: unknown) => {
		await kernel.dispose();
		throw error;
	});
	const limits = runLimits(spec, 1);
	return createStepEngine({
		...language,
		name: 'kernel',
		takesBudget: true,
		description: `${kernel.description}, ${describe(weights)}`,
		use: (adapter, type) => {
			const select = (): void => {
				lora.select(adapter);
			};
			// Loaded now, so that a shape mismatch is reported before the answer begins.
			select();
			return Promise.resolve(kernelDecoder(kernel, spec, limits, runner, select, type));
		},
		release: () => kernel.dispose(),
	});
}
