/** @file Rows of text become tokens that teach where they should, and a run over them is seeded and can be stopped. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { TrainedChat } from '#training/data/chat-rows.ts';
import { readTrainingRow } from '#training/data/read-row.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients } from '#training/layered/layered-gradients.ts';
import { learningRate, type Schedule } from '#base/schedule.ts';
import { openPenalty } from '#objectives/registry.ts';
import { supervise, supervised } from '#objectives/supervised.ts';
import { batchesOf, epochs } from '#training/data/epochs.ts';
import { pack } from '#training/data/pack.ts';
import { train, type TrainOptions, type Weigher } from '#training/train.ts';
import type { Trainer } from '#training/trainer.ts';
import { TrainingRowError } from '#training/data/training-row.ts';
import { writeRow } from '#training/data/write-rows.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';

/** Letters from 2 on; 1 ends. */
const tokenizer: TextTokenizer = {
	vocabularySize: 32,
	endToken: 1,
	padToken: 0,
	encode: (text) => [...text].map((c) => 2 + ((c.codePointAt(0) ?? 0) % 30)),
	decode: (tokens) => tokens.join(' '),
};
const template =
	"{% for m in messages %}{{ m.role[:1] + ':' + m.content + '.' }}{% endfor %}{% if add_generation_prompt %}{{ 'a:' }}{% endif %}";
const withMark: TrainedChat = { template, specialTokens: { eos_token: '.' } };
const taught = (line: string, maxTokens = 100, chat: TrainedChat = withMark) => {
	const row = readTrainingRow(JSON.parse(line), 'Row');
	const written = writeRow(row, { tokenizer, maxTokens, chat }).sample;
	// The first token is never learnt.
	return written && { n: written.tokens.length, weights: written.mask.slice(1).join('') };
};

describe('a row in TRL’s format', () => {
	it('teaches the completion and the end token', () => {
		const line = '{"prompt":"abc","completion":"de"}';
		expect(taught(line)).toEqual({ n: 6, weights: '00111' });
		// A vocabulary whose end token has no text.
		expect(taught(line, 100, {})).toEqual({ n: 6, weights: '00111' });
		const row = readTrainingRow(JSON.parse(line), 'Row');
		const written = writeRow(row, { tokenizer, maxTokens: 9, startTokens: [7], chat: {} }).sample;
		expect(written?.tokens).toEqual([7, ...tokenizer.encode('abcde'), 1]);
		expect(written?.mask).toEqual([0, 0, 0, 0, 1, 1, 1]);
	});
	it('teaches every answer of a conversation, with what closes it, and no question', () => {
		const line =
			'{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"yy"},{"role":"user","content":"z"},{"role":"assistant","content":"w"}]}';
		//                       u:x.a: yy. u:z.a: w.
		expect(taught(line)).toEqual({ n: 17, weights: '000001110000001' + '1' });
		// Where no mark ends an answer, the end token stands behind the last one.
		expect(taught(line, 100, { template })).toEqual({ n: 18, weights: '0000011100000011' + '1' });
	});
	it('teaches only the completion where both are messages', () => {
		const line =
			'{"prompt":[{"role":"user","content":"x"},{"role":"assistant","content":"y"},{"role":"user","content":"z"}],"completion":[{"role":"assistant","content":"w"}]}';
		expect(taught(line)?.weights).toBe('0'.repeat(13) + '11');
	});
	it('is cut where it is too long, and left out where nothing it teaches is left', () => {
		expect(taught('{"prompt":"abc","completion":"defg"}', 5)).toEqual({ n: 5, weights: '0011' });
		expect(taught('{"prompt":"abcdef","completion":"g"}', 5)).toBeNull();
	});
	it('is read or refused, whatever the JSON', () => {
		fc.assert(
			fc.property(fc.json(), (json) => {
				try {
					return typeof readTrainingRow(JSON.parse(json), 'Row') === 'object';
				} catch (error) {
					return error instanceof TrainingRowError;
				}
			}),
		);
	});
});

describe('a run over rows', () => {
	const runtime = openNodeRuntime(1);
	afterAll(() => runtime.dispose());
	const rows = ['ab', 'bc', 'cd', 'de', 'ef']
		.map((s) => ({ prompt: s, completion: s }))
		.flatMap((row) => writeRow(row, { tokenizer, maxTokens: 16, chat: {} }).sample ?? []);
	const schedule: Schedule = { shape: 'cosine', peak: 2e-2, steps: 30, warmUp: 2 };
	const tune = (trainer: Trainer, samples: typeof rows, over: Partial<TrainOptions> = {}) =>
		train(trainer, epochs(samples, { rowsPerStep: 3, seed: 4, padToken: 0 }), supervised, {
			steps: schedule.steps,
			learningRate: (step) => learningRate(schedule, step),
			...over,
		});
	const open = async () => {
		const { spec, weights, adapter } = await loadTransformerFixture('llama-gqa');
		const backend = layeredGradients(runtime, tensorStore(weights));
		return openGradientTrainer(spec, new Map(), backend)(adapter.parameters, {}, { seed: 2 });
	};

	it('shows every row once in each epoch, in an order that the seed decides', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 20 }),
				fc.integer({ min: 1, max: 7 }),
				fc.integer(),
				(count, perStep, seed) => {
					const take = (from: number): number[] => {
						const batches = batchesOf(count, perStep, from);
						return Array.from({ length: 3 * count }, () => batches.next().value).flat();
					};
					const seen = take(seed);
					expect(take(seed)).toEqual(seen);
					for (let epoch = 0; epoch < 3; epoch++)
						expect(new Set(seen.slice(epoch * count, (epoch + 1) * count)).size).toBe(count);
				},
			),
			{ numRuns: 50 },
		);
	});

	it('learns them, the same way for the same seed', async () => {
		const [one, two] = [await open(), await open()];
		const steps: number[] = [];
		const first = await tune(one, rows, {
			onStep: (_, step) => {
				steps.push(step);
			},
		});
		const second = await tune(two, rows);
		expect(first.ended).toBe('done');
		expect(second.losses).toEqual(first.losses);
		expect(steps).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
		expect(first.losses.at(-1)).toBeLessThan((first.losses[0] ?? 0) * 0.5);
		expect(first.tokens).toBe(30 * 3 * 5);
		await one.dispose();
		await two.dispose();
	});

	it('stops when told, with the steps that are done and the weights after them', async () => {
		const stopped = await open();
		const controller = new AbortController();
		const result = await tune(stopped, rows, {
			signal: controller.signal,
			onStep: (_, step) => {
				if (step === 5) controller.abort();
			},
		});
		expect(result.ended).toBe('aborted');
		expect(result.losses).toHaveLength(5);
		expect((await stopped.state()).steps).toBe(5);
		await stopped.dispose();
	});

	it('is refused without rows', async () => {
		const trainer = await open();
		await expect(tune(trainer, [])).rejects.toThrow(/must be rows to train on/);
		await trainer.dispose();
	});
});

describe('the training loop', () => {
	const batch = pack([{ tokens: [3, 4, 5], mask: [0, 1, 1] }], { padToken: 0 });
	const runtime = openNodeRuntime(1);
	afterAll(() => runtime.dispose());
	const open = async () => {
		const { spec, weights, adapter } = await loadTransformerFixture('llama-gqa');
		const backend = layeredGradients(runtime, tensorStore(weights));
		return openGradientTrainer(spec, new Map(), backend)(adapter.parameters, {}, { seed: 2 });
	};
	const options: TrainOptions = { steps: 3, learningRate: () => 1e-3 };

	it('asks for log-probabilities once a step, and only if the objective does', async () => {
		const trainer = await open();
		let asked = 0;
		const counted: Trainer = {
			...trainer,
			logprobs: (...args) => {
				asked++;
				return trainer.logprobs(...args);
			},
			step: (...args) => trainer.step(...args),
		};
		await train(counted, () => batch, supervised, options);
		expect(asked).toBe(0);
		const twice: Weigher = {
			weigh: async (rows, { policy }) => {
				expect(await policy()).toBe(await policy());
				return supervise(rows);
			},
		};
		await train(counted, () => batch, twice, options);
		expect(asked).toBe(3);
		await trainer.dispose();
	});

	it('reports the objective’s own loss, ends where nothing is drawn, and says if a reference is missing', async () => {
		const trainer = await open();
		const own: Weigher = {
			weigh: async (rows) => ({ ...supervise(rows), metrics: { loss: 42, seen: 1 } }),
		};
		const seen: unknown[] = [];
		const draw = (step: number) => (step < 2 ? batch : null);
		const result = await train(trainer, draw, own, {
			...options,
			steps: Infinity,
			onStep: (report, step, metrics) => {
				seen.push([report.loss, step, metrics['seen']]);
			},
		});
		expect(result).toMatchObject({ ended: 'done', losses: [42, 42], tokens: 6 });
		expect(seen).toEqual([
			[42, 1, 1],
			[42, 2, 1],
		]);
		const comparing = openPenalty({ name: 'kl', coefficient: 1, estimator: 'k3' });
		await expect(train(trainer, draw, comparing, options)).rejects.toThrow('none was given');
		await trainer.dispose();
	});
});
