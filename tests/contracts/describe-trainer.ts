/**
 * @file What every trainer promises, whatever computes its gradients: PyTorch's numbers, exact saving, accumulation that
 * changes nothing, and a state that no failed step has touched.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loraTargets, type Adapter, type Parameters } from '#model/adapter.ts';
import { splitBatch } from '#training/data/pack.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import type { GradientBackend, OpenGradients } from '#training/gradients.ts';
import { weighPairs } from '#objectives/dpo.ts';
import { toSamples } from '../fixtures/samples.ts';
import {
	DivergedError,
	type OptimizerOptions,
	type Trainer,
	type TrainerState,
} from '#training/trainer.ts';
import {
	loadTransformerFixture,
	modelNames,
	optimizer as recorded,
	type ModelName,
	type TransformerFixture,
} from '../fixtures/transformer/load.ts';

export interface TrainerContract {
	/** Opens the back end under test; called once for each trainer. */
	readonly open: OpenGradients;
	/** Models to compare with PyTorch; all five unless the back end is slow. */
	readonly models?: readonly ModelName[];
	/** What it can train, both unless it says otherwise; `open` gives something for the other too, as a reference. */
	readonly kinds?: readonly Kind[];
	/** What the back end holds, in any unit; must not grow over steps. */
	readonly memory?: () => number;
	/** For back ends that take a second a step (WebGPU in software): the same tests over fewer steps. */
	readonly slow?: boolean;
}

const kinds = ['full', 'lora'] as const;
type Kind = (typeof kinds)[number];

/** Parameters and starting point of one kind of training on a fixture. */
function startOf(
	fixture: TransformerFixture,
	kind: Kind,
): { parameters: Parameters; start: Adapter } {
	if (kind === 'lora') return { parameters: fixture.adapter.parameters, start: fixture.adapter };
	const parameters = { kind: 'full' } as const;
	return { parameters, start: { parameters, tensors: fixture.weights } };
}

const flatten = (tensors: ReadonlyMap<string, { readonly data: Float32Array }>): number[] =>
	[...tensors.keys()].sort().flatMap((name) => [...(tensors.get(name)?.data ?? [])]);
const names = (map: ReadonlyMap<string, unknown>): string[] => [...map.keys()].sort();

const fast = { adamw: 20, learn: 15, alike: 3, memory: 60 } as const;

/** The whole contract, as a suite of its own. */
export function describeTrainer(name: string, contract: TrainerContract): void {
	const { open, models = modelNames, kinds: able = kinds, memory, slow = false } = contract;
	const steps = slow ? { adamw: 4, learn: 6, alike: 1, memory: 10 } : fast;

	describe(`trainer: ${name}`, () => {
		describe.each(models)('computes what PyTorch computes for %s', (model) => {
			let fixture: TransformerFixture;
			beforeAll(async () => {
				fixture = await loadTransformerFixture(model);
			});

			describe.each(able)('%s', (kind) => {
				let backend: GradientBackend;
				beforeAll(async () => {
					backend = await open(fixture.spec, fixture.weights, startOf(fixture, kind).parameters);
				});
				afterAll(() => backend.dispose());

				test('log-probabilities of every token', async () => {
					const got = await backend.logprobs(startOf(fixture, kind).start.tensors, fixture.batch);
					expect(got).toBeAllclose(fixture[kind].logprobs.data, { relative: 1e-5, absolute: 1e-5 });
				});

				test('log-probabilities of the tokens asked for alone', async () => {
					const { batch, length } = fixture.batch;
					// Rows of different ends, with gaps, and one without any.
					const asks = (row: number, t: number): number =>
						Number(row > 0 && t % 3 > 0 && t < length - 1 - row);
					const mask = Float32Array.from({ length: batch * (length - 1) }, (_, i) =>
						asks(Math.floor(i / (length - 1)), i % (length - 1)),
					);
					const { tensors } = startOf(fixture, kind).start;
					const got = await backend.logprobs(tensors, { ...fixture.batch, mask });
					const masked = (values: Float32Array) => values.map((v, i) => (mask[i] === 0 ? 0 : v));
					expect(masked(got)).toBeAllclose(masked(fixture[kind].logprobs.data));
				});

				test('loss and gradient under weights of both signs', async () => {
					const { start } = startOf(fixture, kind);
					const { loss, gradients } = await backend.gradients(start.tensors, fixture.batch);
					const expected = fixture[kind];
					expect([loss / fixture.batch.normaliser]).toBeAllclose([expected.loss]);
					expect(names(gradients)).toEqual(names(expected.gradients));
					for (const [parameter, { data }] of expected.gradients) {
						const got = gradients.get(parameter)?.map((g) => g / fixture.batch.normaliser);
						expect(got, parameter).toBeAllclose(data, { relative: 1e-4, absolute: 1e-5 });
					}
				});

				test('gradient of the DPO loss, expressed as token weights', async () => {
					const { start } = startOf(fixture, kind);
					const other = startOf(fixture, kind === 'full' ? 'lora' : 'full');
					const opposite = await open(fixture.spec, fixture.weights, other.parameters);
					const pair = fixture.dpoPair;
					const reference = await opposite.logprobs(other.start.tensors, pair);
					await opposite.dispose();
					const policy = await backend.logprobs(start.tensors, pair);
					const { beta } = pair;
					const { metrics, ...weighed } = weighPairs(toSamples(pair), policy, reference, { beta });
					const batch = { ...pair, ...weighed };
					const { loss } = metrics;
					const { gradients } = await backend.gradients(start.tensors, batch);
					const expected = fixture[kind].dpo;
					expect([loss]).toBeAllclose([expected.loss]);
					for (const [parameter, { data }] of expected.gradients) {
						const got = gradients.get(parameter)?.map((g) => g / batch.normaliser);
						expect(got, parameter).toBeAllclose(data, { relative: 1e-4, absolute: 1e-5 });
					}
				});

				test(`${steps.adamw} AdamW steps`, async () => {
					const { parameters, start } = startOf(fixture, kind);
					const trainer = await openGradientTrainer(fixture.spec, fixture.weights, open)(
						parameters,
						{ ...recorded, average: 0 },
						{ seed: 1, start },
					);
					const [losses, norms]: [number[], number[]] = [[], []];
					for (let step = 0; step < steps.adamw; step++) {
						const batch = fixture.trainingBatches[step % 3];
						if (!batch) throw new Error('The fixture has three training batches.');
						const report = await trainer.step(batch, recorded.learningRate);
						losses.push(report.loss);
						norms.push(report.gradientNorm);
					}
					const { training } = fixture[kind];
					expect(losses).toBeAllclose(training.losses.slice(0, steps.adamw), { relative: 1e-4 });
					expect(norms).toBeAllclose(training.gradientNorms.slice(0, steps.adamw), {
						relative: 1e-3,
					});
					// PyTorch's weights are recorded after the last step only.
					for (const [parameter, { data }] of slow ? [] : training.parameters)
						expect(trainer.adapter().tensors.get(parameter)?.data, parameter).toBeAllclose(data, {
							relative: 1e-3,
							absolute: 1e-3,
						});
					await trainer.dispose();
				});
			});
		});

		describe('whatever it computes with', () => {
			let fixture: TransformerFixture;
			const trainers: Trainer[] = [];
			const rate = 1e-2;
			const openTrainer = async (
				parameters: Parameters,
				optimizer: Partial<OptimizerOptions> = {},
				seed = 7,
			): Promise<Trainer> => {
				const factory = openGradientTrainer(fixture.spec, fixture.weights, open);
				const trainer = await factory(parameters, optimizer, { seed });
				trainers.push(trainer);
				return trainer;
			};
			const lora: Parameters = {
				kind: 'lora',
				rank: 2,
				alpha: 4,
				targets: ['q_proj', 'v_proj', 'down_proj'],
			};
			/** As much as this back end can train. */
			const widest: Parameters = able.includes('full')
				? { kind: 'full' }
				: { kind: 'lora', rank: 8, alpha: 16, targets: loraTargets };
			const snapshot = ({ steps, tensors }: TrainerState) => ({ steps, values: flatten(tensors) });

			beforeAll(async () => {
				fixture = await loadTransformerFixture(models[0] ?? 'smollm3-nope');
			});
			afterAll(async () => {
				for (const trainer of trainers) await trainer.dispose();
			});

			test('a new LoRA changes no answer, and its first step changes some', async () => {
				const trainer = await openTrainer(lora);
				const before = await trainer.logprobs(fixture.batch);
				expect(before).toBeAllclose(fixture.full.logprobs.data, { absolute: 1e-5 });
				await trainer.step(fixture.batch, rate);
				expect(await trainer.logprobs(fixture.batch)).not.toBeAllclose(before, { absolute: 1e-4 });
			});

			test('the loss of a batch falls as it is learned', async () => {
				const trainer = await openTrainer(widest);
				const [batch] = fixture.trainingBatches;
				if (!batch) throw new Error('The fixture has three training batches.');
				const first = await trainer.step(batch, rate);
				for (let i = 0; i < steps.learn; i++) await trainer.step(batch, rate);
				const last = await trainer.step(batch, rate);
				expect(last.loss).toBeLessThan(first.loss * 0.6);
				expect(first.tokens).toBe(batch.weights.filter((w) => w !== 0).length);
			});

			test.each(widest.kind === 'full' ? [widest, lora] : [widest])(
				'a restored $kind state goes on bit for bit',
				async (parameters) => {
					const one = await openTrainer(parameters, { average: 0.9, weightDecay: 0.01 });
					for (let i = 0; i < steps.alike; i++) await one.step(fixture.batch, rate);
					const saved = await one.state();
					for (let i = 0; i < steps.alike; i++) await one.step(fixture.batch, rate);

					const two = await openTrainer(parameters, { average: 0.9, weightDecay: 0.01 }, 8);
					await two.restore(saved);
					expect(snapshot(await two.state())).toEqual(snapshot(saved));
					for (let i = 0; i < steps.alike; i++) await two.step(fixture.batch, rate);
					expect(snapshot(await two.state())).toEqual(snapshot(await one.state()));
					expect(flatten(two.adapter('average').tensors)).toEqual(
						flatten(one.adapter('average').tensors),
					);
				},
			);

			test('micro-batches make the same step as the batch they were cut from', async () => {
				const whole = await openTrainer(lora, { weightDecay: 0.1 });
				const pieces = await openTrainer(lora, { weightDecay: 0.1 });
				for (let i = 0; i < steps.alike; i++) {
					const a = await whole.step(fixture.batch, rate);
					const b = await pieces.step(splitBatch(fixture.batch, 1), rate);
					expect([b.loss, b.gradientNorm]).toBeAllclose([a.loss, a.gradientNorm], {
						relative: 1e-4,
					});
					expect(b.tokens).toBe(a.tokens);
				}
				expect(flatten(pieces.adapter().tensors)).toBeAllclose(flatten(whole.adapter().tensors), {
					absolute: 1e-4,
				});
			});

			test('an aborted step leaves everything as it was', async () => {
				const trainer = await openTrainer(lora);
				await trainer.step(fixture.batch, rate);
				const before = snapshot(await trainer.state());
				await expect(trainer.step(fixture.batch, rate, AbortSignal.abort())).rejects.toMatchObject({
					name: 'AbortError',
				});
				// In the middle: dozens of micro-batches are under way when the abort arrives.
				const controller = new AbortController();
				const many = Array.from({ length: 50 }, () => fixture.batch);
				const step = trainer.step(many, rate, controller.signal);
				setTimeout(() => {
					controller.abort();
				}, 1);
				await expect(step).rejects.toMatchObject({ name: 'AbortError' });
				expect(snapshot(await trainer.state())).toEqual(before);
				await expect(trainer.logprobs(fixture.batch, AbortSignal.abort())).rejects.toMatchObject({
					name: 'AbortError',
				});
			});

			test('a step that is not finite is refused and leaves everything as it was', async () => {
				const trainer = await openTrainer(widest, { average: 0.5 });
				await trainer.step(fixture.batch, rate);
				const before = snapshot(await trainer.state());
				const weights = fixture.batch.weights.map((w) => (w === 0 ? 0 : 3e38));
				await expect(trainer.step({ ...fixture.batch, weights }, rate)).rejects.toBeInstanceOf(
					DivergedError,
				);
				expect(snapshot(await trainer.state())).toEqual(before);
				const report = await trainer.step(fixture.batch, rate);
				expect(Number.isFinite(report.loss)).toBe(true);
			});

			test('calls made at once run one after another', async () => {
				const together = await openTrainer(lora);
				const apart = await openTrainer(lora);
				await Promise.all([1, 2, 3].map(() => together.step(fixture.batch, rate)));
				for (let i = 0; i < 3; i++) await apart.step(fixture.batch, rate);
				expect(snapshot(await together.state())).toEqual(snapshot(await apart.state()));
			});

			test.runIf(memory)(`memory is flat over ${steps.memory} steps`, async () => {
				const trainer = await openTrainer(widest);
				const [batch] = fixture.trainingBatches;
				if (!batch || !memory) throw new Error('The fixture has three training batches.');
				for (let i = 0; i < 3; i++) await trainer.step(batch, 1e-4);
				const before = memory();
				for (let i = 0; i < steps.memory; i++) await trainer.step(batch, 1e-4);
				expect(memory()).toBeLessThanOrEqual(before * 1.02);
			});
		});
	});
}
