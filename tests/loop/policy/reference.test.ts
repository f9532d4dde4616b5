/** @file Log-probabilities of the reference: those of each batch, though what is drawn again is not scored again. */
import { expect, test } from 'vitest';
import { compose } from '#loop/3-update/compose.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { referenceOf } from '#loop/policy/reference.ts';
import type { Example } from '#loop/example.ts';
import type { TrainPlan } from '#loop/plan.ts';
import type { Progress } from '#loop/types.ts';
import { random } from '#base/random.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { pack, type SampleBatch } from '#training/data/pack.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import type { TrainerFactory } from '#training/trainer.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';
import { addition, testWorld } from '../world.ts';

const said = (completion: string, tokens: number[]) => ({
	...{ completion, tokens: { prompt: [3, 4], completion: tokens } },
});
const pair = (right: number[], wrong: number[]): Example => ({
	...{ kind: 'pair', difficulty: 1, prompt: '' },
	...{ chosen: said('right', right), rejected: said('wrong', wrong) },
});

test('of a sample that is drawn in several batches are computed once, and those of each batch', async () => {
	const { spec, weights } = await loadTransformerFixture('llama-gqa');
	const openTrainer = openGradientTrainer(spec, weights, tfjsGradients({ backend: 'cpu' }));
	let scored = 0;
	const counted: TrainerFactory = async (...given) => {
		const trainer = await openTrainer(...given);
		return Object.assign(Object.create(trainer) as typeof trainer, {
			dispose: () => trainer.dispose(),
			logprobs: (batch: SampleBatch) => {
				scored += batch.batch;
				return trainer.logprobs(batch);
			},
		});
	};
	const reports: Progress[] = [];
	const at = testWorld();
	const context = at.context({
		world: { ...at.world, openTrainer: counted, report: (one) => reports.push(one) },
	});
	const plan: TrainPlan = {
		...startPlan([], addition),
		mixture: [{ name: 'newest', share: 1, examples: [pair([5, 6], [7]), pair([8], [9, 10, 11])] }],
		objective: { name: 'dpo', beta: 0.1, labelSmoothing: 0, likelihood: 0 },
		parameters: { kind: 'full' },
		budget: { steps: 6, batch: 2 },
	};
	const samplesIn = (step: number) => compose(plan, context.world, random(step));
	const reference = await referenceOf(plan, context, samplesIn);
	// Two pairs of two samples each.
	expect(scored).toBe(4);
	const trainer = await openTrainer(plan.parameters, {}, { seed: 1 });
	const { padToken } = context.world.tokenizer;
	for (let step = 0; step < plan.budget.steps; step++) {
		const batch = pack(samplesIn(step), { padToken });
		const whole = await trainer.logprobs(batch);
		const learnt = whole.map((value, i) => (batch.mask[i] === 0 ? 0 : value));
		expect(await reference(batch)).toBeAllclose(learnt);
	}
	expect(reports.map((one) => one.kind === 'step' && `${one.done} of ${one.total}`)).toEqual(
		[1, 2, 3, 4, 5, 6].map((step) => `${step} of 6`),
	);
	await trainer.dispose();
});
