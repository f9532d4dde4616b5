/** @file A model of the library as a page opens it: it learns on the kernel, whatever it speaks with. */
import { expect, test } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { loraTargets } from '#model/adapter.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { ownKernelGradients } from '#platform/backends/kernel-trainer.ts';
import { openLarge } from '#platform/open-model.ts';
import { randomBatch } from '../bench/models.ts';
import { tinyGguf } from '../runs/tiny-model.ts';

const lora = { kind: 'lora', rank: 4, alpha: 8, targets: loraTargets } as const;

test('a model in a page learns on a kernel of its trainer, which ends with it', async () => {
	let open = 0;
	const kernel = async (): Promise<Kernel> => {
		const opened = await openNodeKernel(2);
		open++;
		return {
			...opened,
			dispose: async () => {
				open--;
				await opened.dispose();
			},
		};
	};
	const files = await openLarge(
		{ files: [bytesSource('tiny.gguf', await tinyGguf())], close: () => Promise.resolve() },
		'page',
		{ runtime: () => Promise.resolve(openNodeRuntime(1)), kernel },
	);
	const model = await files.openEngine();
	expect(model.description).toBe('kernel, layer by layer');
	const speaking = open;
	const trainer = await model.openTrainer(lora, {}, { seed: 1 });
	expect(open).toBe(speaking + 1);
	const batch = randomBatch(model.spec.vocabularySize, 2, 12);
	const { loss } = await trainer.step(batch, 1e-2);
	for (let step = 0; step < 5; step++) await trainer.step(batch, 1e-2);
	expect((await trainer.step(batch, 1e-2)).loss).toBeLessThan(loss);
	await trainer.dispose();
	expect(open).toBe(speaking);
	const empty = ownKernelGradients(kernel, tensorStore(new Map()));
	await expect(empty(model.spec, new Map(), lora)).rejects.toThrow(/checkpoint has no model/);
	expect(open).toBe(speaking);
	await model.dispose();
	expect(open).toBe(0);
});
