/**
 * @file The back end on our own kernel: LoRA on frozen weights that stay in the bits they are stored in, layer by layer, there
 * and back. Each row of a batch ends where its own tokens do, so that nothing is computed for padding.
 */
import type { Kernel } from '#kernel/kernel.ts';
import type { Parameters } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import type { GradientBackend, OpenGradients } from '../gradients.ts';
import { driveLayers, type LayerOptions } from '../layered/layer-driver.ts';
import { openKernelLayers } from './kernel-layers.ts';

/** As layer by layer on ONNX; activations are kept outside of the kernel's memory, by default while 768 MB hold them. */
export type KernelOptions = LayerOptions;

/** For `openGradientTrainer`; the base weights come from `weights`, so its `base` may be an empty map. */
export const kernelGradients =
	(kernel: Kernel, weights: WeightStore, options: KernelOptions = {}): OpenGradients =>
	(spec, _base, parameters) =>
		openKernelGradients(kernel, spec, weights, parameters, options);

/** Opens the back end; all frozen weights are read here. The kernel stays its owner's. */
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
