/**
 * @file Importance of weights to old skills, by which a pull holds them: elastic weight consolidation (EWC, Kirkpatrick et
 * al. 2017).
 *
 * The diagonal of the empirical Fisher information, from the log-likelihood of known answers at the weights that the
 * round begins with. Differs: it is estimated anew each round and only for the weights of that moment (online EWC without
 * the sum over tasks), and scaled to a mean of 1, so that the strength of the pull means the same with and without it.
 */
import { derive, random } from '#base/random.ts';
import type { TrainPlan } from '#loop/plan.ts';
import type { Context } from '#loop/types.ts';
import { pack } from '#training/data/pack.ts';
import { fisher } from '#training/optimizer/fisher.ts';
import type { PullOptions, Trainer } from '#training/trainer.ts';
import { samplesOf } from './compose.ts';

/**
 * The pull of a plan; undefined if it has none, or nothing to hold. `open` opens the trainer as the round begins, which
 * is gone before the one that learns is opened.
 */
export async function pullOf(
	plan: TrainPlan,
	context: Context,
	open: () => Promise<Trainer>,
): Promise<PullOptions | undefined> {
	const { pull, importance } = plan.optimizer;
	if (pull <= 0) return undefined;
	if (!importance) return { strength: pull };
	const batches = drawBatches(importance, context);
	if (batches.length === 0) return undefined;
	const trainer = await open();
	try {
		const information = await fisher(trainer, batches, context.world.signal);
		return {
			strength: pull,
			reference: trainer.adapter().tensors,
			importance: scaledToMean(information),
		};
	} finally {
		await trainer.dispose();
	}
}

/** One answer each, evenly over the difficulties; the loss is that of the whole answer. */
function drawBatches(
	{ examples, samples }: NonNullable<TrainPlan['optimizer']['importance']>,
	{ world, t }: Context,
) {
	const difficulties = [...new Set(examples.map(({ difficulty }) => difficulty))];
	const groups = difficulties.map((at) => examples.filter(({ difficulty }) => difficulty === at));
	const stream = random(derive(world.seed, 'importance', t));
	return Array.from({ length: groups.length > 0 ? samples : 0 }, (_, i) => {
		const example = stream.pick(groups[i % groups.length] ?? []);
		const [row] = samplesOf(example, { objective: { name: 'supervised' } }, world, stream);
		const { batch, length, tokens, mask } = pack(row ? [row] : [], {
			padToken: world.tokenizer.padToken,
		});
		return { batch, length, tokens, weights: mask, normaliser: 1 };
	});
}

/** Values divided by their mean over all weights; as they are if all are 0. */
function scaledToMean(
	information: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
	let [sum, count] = [0, 0];
	for (const values of information.values()) {
		count += values.length;
		for (const value of values) sum += value;
	}
	if (!(sum > 0)) return information;
	return new Map(
		[...information].map(([name, values]) => [name, values.map((v) => (v * count) / sum)]),
	);
}
