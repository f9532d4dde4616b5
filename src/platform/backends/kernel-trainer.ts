/** @file Gradient back ends on a kernel of their own, opened and closed with them. */
import type { Kernel } from '#kernel/kernel.ts';
import type { WeightStore } from '#model/weight-store.ts';
import type { OpenGradients } from '#training/gradients.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { kernelGradients, type KernelOptions } from '#training/kernel/kernel-gradients.ts';
import { openKernelLayers } from '#training/kernel/kernel-layers.ts';
import { inputGradients, type OpenInputGradients } from '#training/layered/input-gradients.ts';

/** For `openGradientTrainer`; the kernel is opened when a trainer is. */
export const ownKernelGradients =
	(
		openKernel: () => Promise<Kernel>,
		weights: WeightStore,
		options: KernelOptions = {},
	): OpenGradients =>
	async (...model) =>
		withOwnKernel(openKernel, (kernel) => kernelGradients(kernel, weights, options)(...model));

/** Gradients at the input embeddings. */
export const ownKernelInputGradients =
	(openKernel: () => Promise<Kernel>, spec: ModelSpec, weights: WeightStore): OpenInputGradients =>
	(lora, signal) =>
		withOwnKernel(openKernel, (kernel) =>
			inputGradients(
				spec,
				lora,
				(...how) => openKernelLayers(kernel, spec, weights, ...how),
				signal,
			),
		);

async function withOwnKernel<T extends { dispose(): Promise<void> }>(
	openKernel: () => Promise<Kernel>,
	open: (kernel: Kernel) => Promise<T>,
): Promise<T> {
	const kernel = await openKernel();
	try {
		const opened = await open(kernel);
		return {
			...opened,
			dispose: async () => {
				await opened.dispose();
				await kernel.dispose();
			},
		};
	} catch (error) {
		await kernel.dispose();
		throw error;
	}
}
