/** @file Puts a batch together: which examples, in which words, in how many padded rows. */
import type { Prompt } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';
import { writeAnswer } from '#environments/answers.ts';
import { trainingView } from '#environments/tasks.ts';
import type { Example, Plan, Pool, World } from '#loop/types.ts';
import type { WeightedBatch } from '#training/trainer.ts';

/** Lengths are rounded up to a multiple of this, so that back ends meet few shapes. */
const lengthStep = 8;

/** One sequence: the loss counts tokens from `start` on. */
export interface Row {
	readonly tokens: readonly number[];
	readonly start: number;
}

/** `batch` rows whose pools come in the plan's shares, exact to within one row. */
export function compose(plan: Plan, world: World, stream: Random): readonly Row[] {
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

function writeRow(example: Example, world: World, stream: Random): Row {
	const { tokenizer } = world;
	const { prompt, completion, said } = textOf(example, world.environment, stream);
	// As they were read and sampled; encoded apart if that is not known: only the answer is learnt.
	const before = said?.prompt ?? tokenizer.encode(written(prompt, world));
	const after = said?.completion ?? tokenizer.encode(completion);
	// What a model wrote comes back without its end mark; without one it would never learn to stop.
	const end = after.at(-1) === tokenizer.endToken ? [] : [tokenizer.endToken];
	return { tokens: [...before, ...after, ...end], start: before.length };
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
): Pick<Extract<Example, { kind: 'text' }>, 'prompt' | 'completion' | 'said'> {
	switch (example.kind) {
		case 'text':
			return example;
		case 'answer': {
			const { item, answer } = example;
			const view = trainingView(environment.tasks, item, stream);
			return {
				prompt: environment.open(item, view).first(),
				completion: writeAnswer(environment, item, view, answer),
			};
		}
		default:
			return example satisfies never;
	}
}

/** Pads rows into one batch, normalised by its target tokens. */
export function pack(rows: readonly Row[], padToken: number): WeightedBatch {
	const batch = rows.length;
	const normaliser = rows.reduce((sum, row) => sum + row.tokens.length - row.start, 0);
	const longest = Math.max(...rows.map((row) => row.tokens.length));
	const length = Math.ceil(longest / lengthStep) * lengthStep;
	const tokens = new Int32Array(batch * length).fill(padToken); // [B, T]
	const weights = new Float32Array(batch * (length - 1)); // [B, T-1]
	rows.forEach((row, b) => {
		tokens.set(row.tokens, b * length);
		// weights[t] belongs to token t+1.
		weights.fill(
			1,
			b * (length - 1) + Math.max(0, row.start - 1),
			b * (length - 1) + row.tokens.length - 1,
		);
	});
	return { batch, length, tokens, weights, normaliser };
}
