/** @file Training on rows is watched by those held back: it ends at their best, and goes on after a pause as if there had been none. */
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
import { meanLoss, rowLosses } from '#training/validate.ts';
import type { Sample } from '#training/data/sample.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);
afterAll(() => runtime.dispose());
const { spec, weights } = await loadTransformerFixture('llama-gqa');
const openTrainer = openGradientTrainer(
	spec,
	new Map(),
	layeredGradients(runtime, tensorStore(weights)),
);

const sample = (...tokens: readonly number[]): Sample => ({
	tokens,
	mask: tokens.map((_, i) => (i < 2 ? 0 : 1)),
});
const training = [sample(2, 3, 4, 5), sample(3, 4, 5, 6, 7), sample(4, 5, 6, 7)];
/** Says the opposite of what is learnt. */
const contrary = [sample(2, 3, 9, 9), sample(3, 4, 8, 8)];
const settings: TrainingSettings = {
	...{ steps: 12, rank: 4, alpha: 8, learningRate: 2e-2, batch: 2, seed: 3 },
	schedule: { shape: 'cosine', warmUp: 2 },
	validateEvery: 2,
};
const numbers = ({ tensors }: Adapter): readonly number[] =>
	[...tensors.values()].flatMap(({ data }) => [...data]);
const run = (
	over: Partial<TrainingSettings> = {},
	hooks: TrainingHooks = {},
	signal = new AbortController().signal,
	from?: Snapshot,
	validation: readonly Sample[] = training.slice(0, 1),
) =>
	trainRows(
		{ spec, openTrainer },
		{ training, validation },
		{ ...settings, ...over },
		signal,
		hooks,
		from,
	);

describe('training on rows', () => {
	it('tells loss, gradient norm and learning rate of each step, and the loss held back now and then', async () => {
		const done = await run();
		expect(done?.ended).toBe('done');
		expect(done?.points.map(({ step }) => step)).toEqual(
			Array.from({ length: 12 }, (_, i) => i + 1),
		);
		expect(done?.points[0]?.learningRate).toBeCloseTo(1e-2);
		expect(done?.points.every(({ gradientNorm }) => gradientNorm > 0)).toBe(true);
		expect(done?.validations.map(({ step }) => step)).toEqual([0, 2, 4, 6, 8, 10, 12]);
		expect(done?.validations.at(-1)?.loss).toBeLessThan(done?.validations[0]?.loss ?? 0);
	});

	it('ends where the rows held back get worse, with the weights of their best', async () => {
		const done = await run({ patience: 2, steps: 40 }, {}, undefined, undefined, contrary);
		expect(done?.ended).toBe('best');
		const looks = done?.validations.filter(({ step }) => step > 0) ?? [];
		const best = [...looks].sort((a, b) => a.loss - b.loss)[0];
		expect(done?.step).toBe(best?.step);
		expect(done?.points).toHaveLength((best?.step ?? 0) + 4);
		expect(done?.points.length).toBeLessThan(40);
		const short = await run({ steps: 40 }, {}, undefined, undefined, []);
		expect(short?.step).toBe(40);
	});

	it.each([1, 4, 7])(
		'paused after step %i it goes on exactly as if it had not been',
		async (at) => {
			const whole = await run();
			const stop = new AbortController();
			let kept: Snapshot | undefined;
			const hooks: TrainingHooks = {
				onStep: ({ step }) => {
					if (step === at) stop.abort();
				},
				keep: async (snapshot) => {
					kept = snapshot;
				},
			};
			const half = await run({}, hooks, stop.signal);
			expect(half?.ended).toBe('paused');
			expect(kept?.state.steps).toBe(at);
			const rest = await run({}, {}, undefined, kept);
			expect(rest && whole && numbers(rest.adapter)).toEqual(whole && numbers(whole.adapter));
			const plain = (points: readonly { loss: number }[] = []) => points.map(({ loss }) => loss);
			expect(plain(rest?.points)).toEqual(plain(whole?.points));
			expect(rest?.validations).toEqual(whole?.validations);
		},
	);

	it('paused before its first step is nothing', async () => {
		expect(await run({}, {}, AbortSignal.abort())).toBeUndefined();
	});
});

it('the loss of rows is that of each, whatever stands beside it in a batch', async () => {
	const trainer = await openTrainer(
		{ kind: 'lora', rank: 1, alpha: 1, targets: ['q_proj'] },
		{},
		{ seed: 1 },
	);
	const all = await rowLosses(trainer, training, { padToken: 0, rowsPerBatch: 3 });
	const single = await rowLosses(trainer, training, { padToken: 0, rowsPerBatch: 1 });
	expect(all.map(({ tokens }) => tokens)).toEqual([2, 3, 2]);
	single.forEach(({ sum }, i) => {
		expect(sum).toBeCloseTo(all[i]?.sum ?? NaN, 4);
	});
	expect(meanLoss(all)).toBeCloseTo(all.reduce((sum, row) => sum + row.sum, 0) / 7, 6);
	await trainer.dispose();
});
