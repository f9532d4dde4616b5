/** @file A model opened as a person asked: on wasm, on WebGPU, or on what suits this machine. */
import { BackendError } from '#base/backend-error.ts';
import { findGpu, type Gpu } from '#graph/runtime/adapter.ts';
import { openWasmRuntime, openWebGpuRuntime } from '#graph/runtime/browser.ts';
import type { ReadFile } from '#model/checkpoint/load.ts';
import type { Compute } from './compute.ts';
import { namedGradients, namedRuntime } from './backends/gpu-failure.ts';
import { openOnnxModel, type TrainerChoice } from './onnx-model.ts';
import type { OpenModel } from './platform.ts';

/** The note of the model says in one sentence what it runs on, and why, where that was not asked for. */
export async function openBrowserModel(read: ReadFile, compute: Compute): Promise<OpenModel> {
	switch (compute) {
		case 'wasm':
			return openOnWasm(read);
		case 'auto': {
			const gpu = await findGpu();
			if (!gpu || gpu.isEmulated) {
				const model = await openOnWasm(read);
				const why = gpu
					? `This browser's only WebGPU device is emulated (${gpu.name})`
					: 'No WebGPU device';
				return { ...model, note: `${why}: training on ${model.engine.description}.` };
			}
			const model = await openOnnxModel(read, () => openWasmRuntime(), tfjsOn(gpu));
			return {
				...model,
				note: `A WebGPU device${inBrackets(gpu)} trains; answers come from ${model.engine.description}.`,
			};
		}
		case 'webgpu': {
			const gpu = await findGpu();
			if (!gpu) {
				const model = await openOnWasm(read);
				return { ...model, note: `No WebGPU device: all runs on ${model.engine.description}.` };
			}
			const open = async () => namedRuntime(await openWebGpuRuntime());
			return openOnnxModel(read, open, tfjsOn(gpu)).catch(async (error: unknown) => {
				if (!(error instanceof BackendError) || error.code !== 'not-available') throw error;
				const model = await openOnWasm(read);
				return { ...model, note: `${error.message} All runs on ${model.engine.description}.` };
			});
		}
		default:
			return compute satisfies never;
	}
}

const openOnWasm = (read: ReadFile): Promise<OpenModel> =>
	openOnnxModel(read, () => openWasmRuntime());

/** tfjs comes in with the first trainer, so that whoever does not need it does not load it. */
const tfjsOn = (gpu: Gpu): TrainerChoice => ({
	description: `tfjs, WebGPU${inBrackets(gpu)}`,
	open: namedGradients(async (...model) => {
		const { tfjsGradients } = await import('#training/tfjs/tfjs-gradients.ts');
		return tfjsGradients({ backend: 'webgpu' })(...model);
	}),
});

const inBrackets = ({ name }: Gpu): string => (name === '' ? '' : ` (${name})`);
