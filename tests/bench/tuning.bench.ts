/** @file LoRA steps on SmolLM2-135M in Chromium, on two threads of our kernel, in turns with PyTorch's. */
import { expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openBrowserKernel } from '#kernel/browser.ts';
import { loraTargets } from '#model/adapter.ts';
import { openModelFiles } from '#model/checkpoint/open.ts';
import { blobSource } from '#model/checkpoint/sources/memory.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { kernelGradients, type KernelOptions } from '#training/kernel/kernel-gradients.ts';
import { median, report, tabBytes } from './models.ts';

/** `npm run bench tuning` starts PyTorch and says where. */
const torch: unknown = import.meta.env['VITE_TORCH'];
const [rows, length, repeats, threads] = [4, 256, 3, 2];

it('LoRA steps on SmolLM2-135M', { timeout: 1_200_000 }, async () => {
	if (typeof torch !== 'string') throw new Error('Run this as npm run bench tuning.');
	const blob = await (await fetch(`${torch}/weights`)).blob();
	const model = await openModelFiles([blobSource('smollm2.gguf', blob)]);
	const kernel = await openBrowserKernel(threads);
	const stream = random(5);
	const { layers, vocabularySize } = model.spec;
	const tokens = Int32Array.from({ length: rows * length }, () =>
		stream.integer(3, vocabularySize - 1),
	);
	const ways: Readonly<Record<string, { options: KernelOptions; targets: number }>> = {
		allLayers: { options: {}, targets: length - 1 },
		topThird: { options: { topLayers: Math.round(layers / 3) }, targets: 64 },
	};
	for (const [name, { options, targets }] of Object.entries(ways)) {
		const batch = {
			batch: rows,
			length,
			tokens,
			weights: Float32Array.from({ length: rows * (length - 1) }, (_, i) =>
				i % (length - 1) < length - 1 - targets ? 0 : 1,
			),
			normaliser: rows * targets,
		};
		const trainer = await openGradientTrainer(
			model.spec,
			new Map(),
			kernelGradients(kernel, model.weights, options),
		)({ kind: 'lora', rank: 8, alpha: 16, targets: loraTargets }, {}, { seed: 1 });
		const [ours, theirs]: [number[], number[]] = [[], []];
		// The first step allocates, and fills the cache of hidden states.
		await trainer.step(batch, 1e-4);
		for (let repeat = 0; repeat < repeats; repeat++) {
			const began = performance.now();
			const { loss } = await trainer.step(batch, 1e-4);
			expect(loss).toBeGreaterThan(0);
			ours.push((performance.now() - began) / 1000);
			const { seconds } = (await (await fetch(`${torch}/step`)).json()) as { seconds: number };
			theirs.push(seconds);
		}
		report(`LoRA rank 8 on SmolLM2-135M, 4 × 256 tokens, Chromium, kernel, ${name}, seconds`, {
			threads,
			ours,
			torch: theirs,
			torchOverOurs: median(theirs) / median(ours),
			wasmBytes: kernel.heap.memory.buffer.byteLength,
			tabBytes: await tabBytes(),
		});
		await trainer.dispose();
	}
	await kernel.dispose();
});
