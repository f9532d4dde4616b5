/**
 * @file Log-probabilities of the reference over all that a plan will draw, by a trainer that is gone before the one that
 * learns is opened, so that two models are never in memory.
 */
import { derive } from '#base/random.ts';
import type { TrainPlan } from '#loop/plan.ts';
import { reportStep } from '#loop/report.ts';
import type { Context } from '#loop/types.ts';
import { spread, type SampleBatch } from '#training/data/pack.ts';
import type { Sample } from '#training/data/sample.ts';
import { scoreSamples } from '#training/score.ts';

const address = '3-update/in-weight/architecture';

/** The reference over a batch, [B, T-1] nats. A sample that is drawn several times is scored once. */
export async function referenceOf(
	plan: TrainPlan,
	context: Context,
	samplesIn: (step: number) => readonly Sample[],
): Promise<(batch: SampleBatch) => Promise<Float32Array>> {
	const { world, t, policy } = context;
	const { batch: rowsPerBatch, steps } = plan.budget;
	const seed = derive(world.seed, 'reference', t);
	const start = plan.reference === 'round' ? policy.adapter : null;
	// A new LoRA changes nothing: it is the base model.
	const parameters = start?.parameters ?? plan.parameters;
	const trainer = await world.openTrainer(parameters, {}, start ? { seed, start } : { seed });
	const known = new Map<string, Float32Array>();
	const { padToken } = world.tokenizer;
	try {
		for (let step = 0; step < steps; step++) {
			const fresh = new Map(
				samplesIn(step)
					.map((sample) => [keyOf(sample), sample] as const)
					.filter(([key]) => !known.has(key)),
			);
			const options = { padToken, rowsPerBatch, signal: world.signal };
			const scored = await scoreSamples(trainer, [...fresh.values()], options);
			[...fresh.keys()].forEach((key, i) => known.set(key, scored[i] ?? new Float32Array()));
			reportStep(context, address, step + 1, steps);
		}
	} finally {
		await trainer.dispose();
	}
	return (batch) => Promise.resolve(spread(batch, (sample) => known.get(keyOf(sample)) ?? []));
}

/** The same for samples that a model cannot tell apart. */
const keyOf = ({ tokens, mask }: Sample): string => `${tokens.join()}|${mask.join('')}`;
