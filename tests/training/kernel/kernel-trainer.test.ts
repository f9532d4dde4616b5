/** @file The trainer on the kernel, one thread and two, under the contract of every trainer; it trains LoRA only. */
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openKernelGradients } from '#training/kernel/kernel-gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { describeTrainer } from '../../contracts/describe-trainer.ts';

const runtime = openNodeRuntime(1);

for (const threads of [1, 2]) {
	const kernel = await openNodeKernel(threads);
	describeTrainer(`kernel, ${threads} threads`, {
		kinds: ['lora'],
		open: (spec, base, parameters) =>
			parameters.kind === 'lora'
				? openKernelGradients(kernel, spec, tensorStore(base), parameters)
				: openOnnxGradients(runtime, spec, base, parameters),
	});
}
