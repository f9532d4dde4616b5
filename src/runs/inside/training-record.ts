/**
 * @file Record of an update, row by row: in which steps it was, with which token weights, and its loss before and after.
 * For people only: the run never reads it.
 */
import type { WatchedStep } from '#loop/3-update/watch.ts';
import type { Policy } from '#loop/policy/policy.ts';
import type { Example } from '#loop/example.ts';
import type { Experience } from '#loop/types.ts';
import type { SharedEngine } from '#platform/shared-engine.ts';
import type { RowTraining } from '#storage/runs/store.ts';
import type { Sample } from '#training/data/sample.ts';
import { keysOfExample, keysOfExperience } from '../plan-check.ts';
import type { ExperienceRow } from '../stored/row.ts';

/** What was drawn under one key: the steps, and the sample of the first of them. */
interface DrawnKey {
	readonly steps: Set<number>;
	readonly sample: Sample;
	/** [T], as `Sample.mask` is. */
	readonly weights: readonly number[];
}

/** What the losses are measured with. */
export interface Measuring {
	readonly engine: Pick<SharedEngine, 'scoreTokensWith'>;
	readonly before: Policy;
	readonly after: Policy;
	readonly signal: AbortSignal;
}

/**
 * Rows scored for the losses, twice, as a share of the tokens trained. With our own models it holds all rows of a round, in
 * 4 % of the time of its update.
 */
const measuredShare = 0.15;

/** Collects the steps of one update. */
export class TrainingRecord {
	readonly #drawn = new Map<string, DrawnKey>();
	readonly #keys = new WeakMap<Example, readonly string[]>();
	#tokens = 0;
	#watched = false;

	/** Call it with each step. */
	heard({ step, drawn, batch, weighed }: WatchedStep): void {
		this.#watched = true;
		const width = batch.length - 1;
		let row = 0;
		for (const { example, samples } of drawn) {
			const keys = this.#keysOf(example);
			for (const [side, sample] of samples.entries()) {
				this.#tokens += sample.tokens.length;
				const key = keys[side] ?? '';
				const known = this.#drawn.get(key);
				if (known) known.steps.add(step);
				else {
					const own = weighed.weights.subarray(row * width, row * width + sample.tokens.length - 1);
					this.#drawn.set(key, { steps: new Set([step]), sample, weights: [0, ...own] });
				}
				row++;
			}
		}
	}

	/** The entry of each row that the plan drew on, by id; empty if no step was watched. */
	async entries(
		rows: readonly ExperienceRow<Experience>[],
		t: number,
		decode: (tokens: readonly number[]) => string,
		measuring: Measuring,
	): Promise<ReadonlyMap<string, RowTraining>> {
		if (!this.#watched) return new Map();
		const found = rows.map((row) => ({ row, drawn: this.#drawnOf(row.payload) }));
		const losses = await this.#losses(
			found.flatMap(({ row, drawn: [first] }) => (row.t === t && first ? [first] : [])),
			measuring,
		);
		return new Map(
			found.map(({ row, drawn }) => {
				const [first] = drawn;
				const steps = [...new Set(drawn.flatMap((one) => [...one.steps]))].sort((a, b) => a - b);
				const loss = first && losses.get(first);
				const isFirst = !row.training?.some(({ said }) => said);
				return [
					row.id,
					{ t, steps, ...(first && isFirst && { said: saidOf(first, decode) }), ...loss },
				];
			}),
		);
	}

	#drawnOf(experience: Experience): readonly DrawnKey[] {
		return [...new Set(keysOfExperience(experience))].flatMap((key) => this.#drawn.get(key) ?? []);
	}

	#keysOf(example: Example): readonly string[] {
		const known = this.#keys.get(example) ?? keysOfExample(example);
		this.#keys.set(example, known);
		return known;
	}

	/** Mean loss of each, as far as the budget goes; empty where the engine shows no logits. */
	async #losses(
		drawn: readonly DrawnKey[],
		{ engine, before, after, signal }: Measuring,
	): Promise<ReadonlyMap<DrawnKey, { readonly before: number; readonly after: number }>> {
		let left = measuredShare * this.#tokens;
		const chosen = drawn.filter(({ sample }) => (left -= sample.tokens.length) >= 0);
		if (chosen.length === 0) return new Map();
		const score = async ({ adapter }: Policy): Promise<readonly number[]> => {
			const rows = chosen.map(({ sample: { tokens, mask } }) => ({
				tokens,
				from: Math.max(1, mask.indexOf(1)),
			}));
			const scores = await engine.scoreTokensWith(adapter, rows, { signal });
			return scores.map(({ logprobs }) => meanLoss(logprobs));
		};
		try {
			const [first, last] = [await score(before), await score(after)];
			return new Map(
				chosen.map((one, i) => [one, { before: first[i] ?? NaN, after: last[i] ?? NaN }]),
			);
		} catch {
			// An engine without logits, or one that was lost: the next step meets it.
			return new Map();
		}
	}
}

/** Nats a token, to four digits. */
const meanLoss = (logprobs: Float32Array): number =>
	Number((-logprobs.reduce((sum, one) => sum + one, 0) / logprobs.length).toPrecision(4));

function saidOf(
	{ sample: { tokens, mask }, weights }: DrawnKey,
	decode: (tokens: readonly number[]) => string,
): NonNullable<RowTraining['said']> {
	const from = Math.max(1, mask.indexOf(1));
	const own = weights.slice(from).map((weight) => Number(weight.toPrecision(4)));
	const isEven = own.every((weight) => weight === own[0]);
	return {
		prompt: decode(tokens.slice(0, from)),
		tokens: tokens.slice(from).map((token) => decode([token])),
		weights: isEven ? (own[0] ?? 0) : own,
	};
}
