/** @file Rows are learnt beside texts of the base model: these stay as likely as they were, and nothing else of a training changes. */
import { afterAll, describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import type { Adapter } from '#model/adapter.ts';
import {
	trainRows,
	type Snapshot,
	type TrainingHooks,
	type TrainingSettings,
} from '#chat/train-rows.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients } from '#training/layered/layered-gradients.ts';
import { rowLosses } from '#training/validate.ts';
import type { Sample } from '#training/data/sample.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);
afterAll(() => runtime.dispose());
const { spec, weights } = await loadTransformerFixture('llama-gqa');
const layered = (topLayers = spec.layers) =>
	layeredGradients(runtime, tensorStore(weights), { topLayers });
const openTrainer = openGradientTrainer(spec, new Map(), layered(), layered);

const sample = (...tokens: readonly number[]): Sample => ({
	tokens,
	mask: tokens.map((_, i) => (i < 2 ? 0 : 1)),
});
const training = [sample(2, 3, 4, 5), sample(3, 4, 5, 6, 7), sample(4, 5, 6, 7)];
const replay = [
	sample(2, 9, 8, 7, 6, 5),
	sample(3, 8, 4, 9, 2),
	sample(5, 2, 9, 3, 8, 4, 6),
	sample(6, 7, 2, 2, 9),
].map((one): Sample => ({ ...one, isReplayed: true }));
const settings: TrainingSettings = {
	...{ steps: 30, rank: 4, alpha: 8, learningRate: 2e-2, batch: 2, seed: 3, replay: 2 },
	schedule: { shape: 'cosine', warmUp: 2 },
};
const numbers = (one: { readonly adapter: Adapter } | undefined): readonly number[] =>
	[...(one?.adapter.tensors.values() ?? [])].flatMap(({ data }) => [...data]);
const never = new AbortController().signal;
const run = (
	over: Partial<TrainingSettings> = {},
	hooks: TrainingHooks = {},
	signal = never,
	from?: Snapshot,
) =>
	trainRows(
		{ spec, openTrainer },
		{ training, validation: [], replay },
		{ ...settings, ...over },
		signal,
		hooks,
		from,
	);

/** Loss of rows under an adapter, or under the base model. */
async function lossesOf(rows: readonly Sample[], adapter?: Adapter) {
	const lora = { kind: 'lora', rank: 1, alpha: 1, targets: ['q_proj'] } as const;
	const start = adapter ? { start: adapter } : {};
	const trainer = await openTrainer(adapter?.parameters ?? lora, {}, { seed: 1, ...start });
	const losses = await rowLosses(trainer, rows, { padToken: 0, rowsPerBatch: 1 });
	await trainer.dispose();
	return losses.map(({ sum }) => sum);
}

describe('texts of the base model beside the rows', () => {
	it('stay far nearer to what they were, while the rows are learnt', async () => {
		const [held, free] = [await run(), await run({ replay: 0 })];
		const before = await lossesOf(replay);
		const drift = async (adapter: Adapter | undefined) =>
			(await lossesOf(replay, adapter)).reduce(
				(sum, loss, i) => sum + Math.abs(loss - (before[i] ?? 0)),
				0,
			);
		expect(await drift(held?.adapter)).toBeLessThan(0.5 * (await drift(free?.adapter)));
		const [then, now] = [await lossesOf(training), await lossesOf(training, held?.adapter)];
		now.forEach((loss, i) => {
			expect(loss).toBeLessThan(0.5 * (then[i] ?? 0));
		});
	});

	it('do not change the first step, whose loss is that of the rows alone', async () => {
		const [held, free] = [await run({ steps: 1 }), await run({ steps: 1, replay: 0 })];
		expect(held?.points[0]?.loss).toBeCloseTo(free?.points[0]?.loss ?? NaN, 5);
		numbers(held).forEach((value, i) => {
			expect(value).toBeCloseTo(numbers(free)[i] ?? NaN, 4);
		});
	});

	it('are the same after a pause as if there had been none', async () => {
		const whole = await run();
		const stop = new AbortController();
		let kept: Snapshot | undefined;
		const half = await run(
			{},
			{
				onStep: ({ step }) => {
					if (step === 7) stop.abort();
				},
				keep: async (snapshot) => {
					kept = snapshot;
				},
			},
			stop.signal,
		);
		expect([half?.ended, kept?.state.steps]).toEqual(['paused', 7]);
		const rest = await run({}, {}, undefined, kept);
		expect(numbers(rest)).toEqual(numbers(whole));
		expect(rest?.points.map(({ loss }) => loss)).toEqual(whole?.points.map(({ loss }) => loss));
	});
});

it('with the last layer alone trained, those below stay as they were', async () => {
	const [first, last] = [await run({ steps: 1 }), await run({ topShare: 1 / spec.layers })];
	const moved = [...(last?.adapter.tensors ?? [])]
		.filter(([name, { data }]) => name.includes('lora_B') && data.some((value) => value !== 0))
		.map(([name]) => /layers\.(\d+)\./.exec(name)?.[1]);
	expect(spec.layers).toBeGreaterThan(1);
	expect(new Set(moved)).toEqual(new Set([String(spec.layers - 1)]));
	expect(last?.points.at(-1)?.loss).toBeLessThan(0.5 * (first?.points[0]?.loss ?? 0));
});
