/**
 * @file Evolutionary model merging (Akiba et al. 2024, arXiv 2403.13187): weights of a merge found by trying, each judged by
 * how likely the merged model finds known answers.
 *
 * A (1+1) evolution strategy from equal weights, its steps longer after a success and shorter after a failure. Differs: one
 * weight for each model instead of one for each layer of it, no CMA-ES, and answers that may be trained on decide, which are
 * first lessons and what filters kept, instead of the score on a task.
 */
import { derive, random, type Random } from '#base/random.ts';
import type { MergePlan } from '#loop/plan.ts';
import type { Context } from '#loop/types.ts';
import { merge } from '#model/merge/merge.ts';
import type { MergeInput } from '#model/merge/inputs.ts';
import { pack, type SampleBatch } from '#training/data/pack.ts';
import { samplesOf } from './compose.ts';

type Search = NonNullable<MergePlan['evolves']>;

/** Answers that judge a merge. */
const judges = 64;
/** Length of the first step, in weight. */
const firstStep = 0.25;

/** The inputs with the best weights that were tried, which add up to 1; as they are if nothing judges them. */
export async function evolvedInputs(
	inputs: readonly MergeInput[],
	search: Search,
	{ method }: Pick<MergePlan, 'method'>,
	context: Context,
): Promise<readonly MergeInput[]> {
	const { world, t } = context;
	const batch = batchOf(search, context);
	if (!batch || inputs.length < 2) return inputs;
	const weighted = (weights: readonly number[]): readonly MergeInput[] =>
		inputs.map(({ adapter }, i) => ({ adapter, weight: weights[i] ?? 0 }));
	const fitness = async (weights: readonly number[]): Promise<number> => {
		const adapter = merge(weighted(weights), method);
		const seed = derive(world.seed, 'evolved-merge/judge', t);
		const trainer = await world.openTrainer(adapter.parameters, {}, { seed, start: adapter });
		try {
			return meanLogprob(batch, await trainer.logprobs(batch, world.signal));
		} finally {
			await trainer.dispose();
		}
	};
	const stream = random(derive(world.seed, 'evolved-merge', t));
	let weights: readonly number[] = inputs.map(() => 1 / inputs.length);
	let best = await fitness(weights);
	let step = firstStep;
	for (let n = 1; n < search.tries; n++) {
		world.signal.throwIfAborted();
		const child = mutated(weights, step, stream);
		const value = await fitness(child);
		const isBetter = value > best;
		if (isBetter) [weights, best] = [child, value];
		step *= isBetter ? 1.5 : 0.87;
	}
	return weighted(weights);
}

/** Weights moved at random, none below 0, with a sum of 1; the same ones if all would vanish. */
function mutated(weights: readonly number[], step: number, stream: Random): readonly number[] {
	const moved = weights.map((weight) => Math.max(0, weight + step * stream.normal()));
	const total = moved.reduce((sum, weight) => sum + weight, 0);
	return total > 0 ? moved.map((weight) => weight / total) : weights;
}

/** The answers that judge, the same for every try: as many of each set that has some. */
function batchOf({ examples }: Search, { world, t }: Context): SampleBatch | undefined {
	const sets = examples.filter((set) => set.length > 0);
	const stream = random(derive(world.seed, 'evolved-merge/answers', t));
	const rows = Array.from({ length: sets.length > 0 ? judges : 0 }, (_, i) => {
		const example = stream.pick(sets[i % sets.length] ?? []);
		return samplesOf(example, { objective: { name: 'supervised' } }, world, stream);
	}).flat();
	return rows.length > 0 ? pack(rows, { padToken: world.tokenizer.padToken }) : undefined;
}

/** Of a learnt token, nats; every answer counts as one, however long. */
function meanLogprob({ batch, mask }: SampleBatch, logprobs: Float32Array): number {
	const width = mask.length / batch;
	const rows = Array.from({ length: batch }, (_, row) => {
		const own = mask.subarray(row * width, (row + 1) * width);
		const sum = own.reduce((all, m, i) => all + m * (logprobs[row * width + i] ?? 0), 0);
		return (
			sum /
			Math.max(
				1,
				own.reduce((all, m) => all + m, 0),
			)
		);
	});
	return rows.reduce((all, value) => all + value, 0) / batch;
}
