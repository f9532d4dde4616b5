/** @file Training on rows is watched by those held back: it ends at their best, and goes on after a pause as if there had been none. */
import { afterAll, describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { referenceFor, referenceOf, rowObjective } from '#chat/row-objective.ts';
import {
	trainRows,
	type Snapshot,
	type TrainingHooks,
	type TrainingSettings,
} from '#chat/train-rows.ts';
import { random } from '#base/random.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { openProjectStore, type SnapshotOf } from '#teach/project-store.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients } from '#training/layered/layered-gradients.ts';
import { meanLoss, rowLosses } from '#training/validate.ts';
import { pack } from '#training/data/pack.ts';
import { besideRejected, type Sample } from '#training/data/sample.ts';
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

	it('reloaded at 20 random moments it ends at the weights of a training that was never broken off', async () => {
		const steps = 24;
		const store = openProjectStore(openMemoryStore().files);
		const draw = random(17);
		const moments = new Set(
			draw.shuffle(Array.from({ length: steps - 1 }, (_, i) => i + 1)).slice(0, 20),
		);
		const stored: SnapshotOf[] = [];
		const whole = await run(
			{ steps },
			{
				keepEveryMs: -1,
				keep: async (snapshot) => {
					if (!moments.has(snapshot.state.steps)) return;
					const { points, validations } = snapshot;
					const written = await store.writeSnapshot('lesson', snapshot);
					stored.push({ points: [...points], validations: [...validations], snapshot: written });
				},
			},
		);
		expect(stored).toHaveLength(20);
		for (const one of stored) {
			const resumed = await run({ steps }, {}, undefined, await store.readSnapshot(one));
			expect(resumed && numbers(resumed.adapter)).toEqual(whole && numbers(whole.adapter));
			expect(resumed?.step).toBe(whole?.step);
		}
	});

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

describe('preferences', () => {
	const pair = (
		prompt: readonly [number, number],
		chosen: readonly number[],
		rejected: readonly number[],
	): Sample => ({
		...sample(...prompt, ...chosen),
		pair: 'chosen',
		rejected: { ...sample(...prompt, ...rejected), pair: 'rejected' },
	});
	const pairs = [
		pair([2, 3], [4, 5], [9, 9]),
		pair([3, 4], [5, 6, 7], [8, 8]),
		pair([4, 5], [6], [7, 2]),
	];
	const learn = (
		rows: readonly Sample[],
		hooks: TrainingHooks = {},
		signal = new AbortController().signal,
		from?: Snapshot,
	) =>
		trainRows(
			{ spec, openTrainer },
			{ training: rows, validation: rows.slice(0, 2) },
			settings,
			signal,
			hooks,
			from,
		);

	it('begin at log 2, and are learnt until the better answer is the likelier one', async () => {
		const done = await learn(pairs);
		const [first] = done?.validations ?? [];
		expect(first?.loss).toBeCloseTo(Math.log(2), 5);
		expect(done?.points[0]?.loss).toBeCloseTo(Math.log(2), 5);
		expect(done?.points.at(-1)?.loss).toBeLessThan(0.4);
		if (!done || done.adapter.parameters.kind !== 'lora') throw new Error('It was stopped.');
		const trainer = await openTrainer(
			done.adapter.parameters,
			{},
			{ seed: 1, start: done.adapter },
		);
		const flat = besideRejected(pairs);
		const losses = await rowLosses(trainer, flat, { padToken: 0, rowsPerBatch: 2 });
		await trainer.dispose();
		for (const i of [0, 2, 4]) expect(losses[i]?.sum).toBeLessThan(losses[i + 1]?.sum ?? 0);
	});

	it('share their steps with rows that are learnt by supervision', async () => {
		const done = await learn([...pairs, ...training]);
		const [before, after] = [done?.validations[0]?.loss ?? 0, done?.validations.at(-1)?.loss ?? 0];
		expect(after).toBeLessThan(before);
		// A batch of both: log 2 of the pair, and the mean of the learnt tokens of the other row.
		const trainer = await openTrainer(
			{ kind: 'lora', rank: 1, alpha: 1, targets: loraTargets },
			{},
			{ seed: 1 },
		);
		const [chosen] = pairs;
		const [plain] = training;
		if (!chosen || !plain) throw new Error('There are rows.');
		const batch = pack(besideRejected([chosen, plain]), { padToken: 0 });
		const reference = await referenceOf(
			trainer,
			[chosen],
			{ padToken: 0, rowsPerBatch: 1 },
			new AbortController().signal,
		);
		const { metrics, weights } = await rowObjective.weigh(batch, {
			policy: () => trainer.logprobs(batch),
			reference: () => referenceFor(reference)(batch),
		});
		const [alone] = await rowLosses(trainer, [plain], { padToken: 0, rowsPerBatch: 1 });
		await trainer.dispose();
		expect(metrics['loss']).toBeCloseTo(Math.log(2) + (alone?.sum ?? 0) / (alone?.tokens ?? 1), 5);
		const width = batch.length - 1;
		const row = (i: number) => [...weights.subarray(i * width, (i + 1) * width)];
		// The chosen answer is pulled up by as much as the rejected one is pushed down.
		expect(Math.max(...row(0))).toBeCloseTo(-Math.min(...row(1)), 6);
		expect(Math.max(...row(2))).toBeCloseTo(1 / (alone?.tokens ?? 1), 6);
	});

	it('go on after a pause as if there had been none', async () => {
		const whole = await learn(pairs);
		const stop = new AbortController();
		let kept: Snapshot | undefined;
		const broken = await learn(
			pairs,
			{
				onStep: ({ step }) => {
					if (step === 5) stop.abort();
				},
				keep: (snapshot) => {
					kept = snapshot;
					return Promise.resolve();
				},
			},
			stop.signal,
		);
		expect(broken?.ended).toBe('paused');
		const resumed = await learn(pairs, {}, undefined, kept);
		expect(resumed?.points.map(({ loss }) => loss)).toEqual(whole?.points.map(({ loss }) => loss));
		expect(resumed && numbers(resumed.adapter)).toEqual(whole && numbers(whole.adapter));
	});
});
