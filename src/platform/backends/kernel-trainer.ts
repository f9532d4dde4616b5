/** @file Gradient back end on a kernel of its own, opened and closed with the trainer. */
import type { Kernel } from '#kernel/kernel.ts';
import type { WeightStore } from '#model/weight-store.ts';
import type { OpenGradients } from '#training/gradients.ts';
import { kernelGradients, type KernelOptions } from '#training/kernel/kernel-gradients.ts';

/** For `openGradientTrainer`; the kernel is opened when a trainer is. */
export const ownKernelGradients =
	(
		openKernel: () => Promise<Kernel>,
		weights: WeightStore,
		options: KernelOptions = {},
	): OpenGradients =>
	async (...model) => {
		const kernel = await openKernel();
		try {
			const backend = await kernelGradients(kernel, weights, options)(...model);
			return {
				...backend,
				dispose: async () => {
					await backend.dispose();
					await kernel.dispose();
				},
			};
		} catch (error) {
			await kernel.dispose();
			throw error;
		}
	};
