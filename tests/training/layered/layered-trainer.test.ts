/** @file The layer-by-layer trainer in Node under the contract of every trainer; all weights are trained as one graph. */
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openLayeredGradients } from '#training/layered/layered-gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { describeTrainer } from '../../contracts/describe-trainer.ts';

const runtime = openNodeRuntime(1);

for (const activations of ['kept', 'recomputed'] as const)
	describeTrainer(`onnx layer by layer, activations ${activations}`, {
		kinds: ['lora'],
		open: (spec, base, parameters) =>
			parameters.kind === 'lora'
				? openLayeredGradients(runtime, spec, tensorStore(base), parameters, { activations })
				: openOnnxGradients(runtime, spec, base, parameters),
	});
