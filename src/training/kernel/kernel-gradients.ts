/**
 * @file Kernel back end: LoRA gradients over frozen weights in their stored bits, layer by layer. Each row of a batch has
 * its own length, so no padding is computed.
 */
import type { Kernel } from '#kernel/kernel.ts';
import type { Parameters } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import type { GradientBackend, OpenGradients } from '../gradients.ts';
import { driveLayers, type LayerOptions } from '../layered/layer-driver.ts';
import { openKernelLayers } from './kernel-layers.ts';

/** Options of layer-wise training; activations are kept outside the kernel's memory, by default if they fit in 768 MB. */
export type KernelOptions = LayerOptions;

/** For `openGradientTrainer`; the base weights come from `weights`, so its `base` may be an empty map. */
export const kernelGradients =
	(kernel: Kernel, weights: WeightStore, options: KernelOptions = {}): OpenGradients =>
	(spec, _base, parameters) =>
		openKernelGradients(kernel, spec, weights, parameters, options);

/** Opens the back end and reads all frozen weights. The caller still owns the kernel. */
export const openKernelGradients = (
	kernel: Kernel,
	spec: ModelSpec,
	weights: WeightStore,
	parameters: Parameters,
	options: KernelOptions = {},
): Promise<GradientBackend> =>
	driveLayers(spec, parameters, options, (lora, settings) =>
		openKernelLayers(kernel, spec, weights, lora, settings),
	);
