/** @file Puts a batch together: which examples, in which words and tokens. */
import type { Prompt } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';
import { asked, trainingView } from '#environments/environment.ts';
import type { Example, Plan, Pool, World } from '#loop/types.ts';
import { continuationOf, type Sample } from '#training/data/sample.ts';

/** `batch` samples whose pools come in the plan's shares, exact to within one row. */
export function compose(plan: Plan, world: World, stream: Random): readonly Sample[] {
	const pools = bounded(plan);
	const total = pools.reduce((sum, pool) => sum + pool.share, 0);
	// Systematic sampling: one random offset, then equal strides through the shares.
	const offset = stream.next();
	return Array.from({ length: plan.batch }, (_, i) => {
		const pool = poolAt(pools, ((i + offset) / plan.batch) * total);
		return writeRow(stream.pick(pool.examples), world, stream);
	});
}

/** The pools that give examples; one whose examples would repeat too often yields to the others. */
function bounded(plan: Plan): readonly Pool[] {
	const pools = plan.pools.filter((pool) => pool.share > 0 && pool.examples.length > 0);
	const total = pools.reduce((sum, pool) => sum + pool.share, 0);
	const limited = pools.map((pool) => {
		const most = ((pool.repeats ?? Infinity) * pool.examples.length) / (plan.steps * plan.batch);
		return { ...pool, share: Math.min(pool.share / total, most) };
	});
	// Nothing else to fill the batch with: then the limit cannot hold.
	return pools.length > 1 ? widen(limited) : pools;
}

/** Gives what the limited pools left to those without a limit, in proportion. */
function widen(pools: readonly Pool[]): readonly Pool[] {
	const free = pools.filter((pool) => pool.repeats === undefined);
	const taken = pools.reduce((sum, pool) => sum + pool.share, 0);
	const own = free.reduce((sum, pool) => sum + pool.share, 0);
	if (own === 0) return pools;
	const factor = (own + 1 - taken) / own;
	return pools.map((pool) =>
		pool.repeats === undefined ? { ...pool, share: pool.share * factor } : pool,
	);
}

function poolAt(pools: readonly Pool[], at: number): Pool {
	let upTo = 0;
	for (const pool of pools) {
		upTo += pool.share;
		if (at < upTo) return pool;
	}
	const last = pools.at(-1);
	if (!last) throw new Error('A plan without examples cannot be trained; keep some first.');
	return last;
}

function writeRow(example: Example, world: World, stream: Random): Sample {
	const { tokenizer } = world;
	const { prompt, completion } = textOf(example, world.environment, stream);
	// Encoded apart, as they are when the model answers: only the answer is learnt.
	const before = tokenizer.encode(written(prompt, world));
	const after = tokenizer.encode(completion);
	// What a model wrote comes back without its end mark; without one it would never learn to stop.
	const end = after.at(-1) === tokenizer.endToken ? [] : [tokenizer.endToken];
	return continuationOf(before, [...after, ...end]);
}

function written(prompt: Prompt, { render }: World): string {
	if (typeof prompt === 'string') return prompt;
	if (render) return render(prompt);
	throw new Error(
		'This model has no chat template, so it cannot learn from a chat; choose an instruction-tuned model.',
	);
}

function textOf(
	example: Example,
	environment: World['environment'],
	stream: Random,
): { readonly prompt: Prompt; readonly completion: string } {
	switch (example.kind) {
		case 'text':
			return example;
		case 'answer': {
			const { item, answer } = example;
			const view = trainingView(environment, item, stream);
			return {
				prompt: asked(environment, item, view),
				completion: environment.write(item, view, answer),
			};
		}
		default:
			return example satisfies never;
	}
}
