/**
 * @file Objective: the loss of a training, as weights of token log-probabilities.
 *
 * A loss L that depends on the weights θ only through the log-probabilities of given tokens has ∂L/∂θ = Σₜ (∂L/∂log pₜ) ·
 * ∂log pₜ/∂θ. A trainer computes the gradient of Σₜ wₜ·(−log pₜ)/n for any real wₜ, so wₜ = −n·∂L/∂log pₜ, computed from
 * the log-probabilities before the step, gives the gradient of L exactly.
 */
import type { Knobs, KnobValues } from '#base/knobs.ts';
import type { SampleBatch } from '#training/data/pack.ts';
import type { Weighed, Weigher } from '#training/train.ts';

/** Inputs that an objective requires. */
export type Need = 'reference' | 'sampled-logprobs' | 'pairs' | 'advantages';

/** One algorithm with its options set; `weigh` rejects with a RangeError if a sample lacks what it needs. */
export interface Objective extends Weigher {
	readonly name: string;
	readonly needs: readonly Need[];
	/** Of an objective over pairs: examples that are in no pair are learnt too. */
	readonly learnsTexts?: boolean;
}

/** An algorithm as the registry keeps it: by name, its options declared as knobs. */
export interface Definition<
	N extends string = string,
	K extends Knobs = Knobs,
	R extends 'objective' | 'penalty' = 'objective' | 'penalty',
> {
	/** A penalty can only be added to an objective. */
	readonly role: R;
	/** As plans and knobs spell it. */
	readonly name: N;
	/** Description, as the second half of `<name>: …`. */
	readonly about: string;
	readonly options: K;
	create(options: KnobValues<K>): Objective;
}
type Declared<N extends string, K extends Knobs> = Omit<Definition<N, K>, 'role'>;

/** Declares what a training can optimise. */
export const defineObjective = <const N extends string, const K extends Knobs>(
	declared: Declared<N, K>,
): Definition<N, K, 'objective'> => ({ role: 'objective', ...declared });

/** Declares what can be added to an objective. */
export const definePenalty = <const N extends string, const K extends Knobs>(
	declared: Declared<N, K>,
): Definition<N, K, 'penalty'> => ({ role: 'penalty', ...declared });

/** Number of trained tokens; at least 1, since it divides. */
export function targetTokens({ mask }: SampleBatch): number {
	let n = 0;
	for (const m of mask) if (m !== 0) n++;
	return Math.max(1, n);
}

/** Weights each trained token by `weightOf`, whose `i` indexes [B, T-1]; 0 elsewhere, whatever padding holds. */
export function weighTokens(
	{ mask, length }: SampleBatch,
	weightOf: (i: number, row: number) => number,
): Float32Array {
	return mask.map((m, i) => (m === 0 ? 0 : weightOf(i, Math.floor(i / (length - 1)))));
}

/** Fails unless there is one log-probability for each predicted token. */
export function assertLogprobs({ mask }: SampleBatch, logprobs: Float32Array): void {
	if (logprobs.length !== mask.length)
		throw new RangeError(`Got ${logprobs.length} log-probabilities for ${mask.length}.`);
}

/** The sum of an objective and penalties: gradients add, and so do the losses in the metrics. */
export function addPenalties(objective: Objective, penalties: readonly Objective[]): Objective {
	if (penalties.length === 0) return objective;
	const all = [objective, ...penalties];
	return {
		name: all.map(({ name }) => name).join(' + '),
		needs: [...new Set(all.flatMap(({ needs }) => needs))],
		learnsTexts: objective.learnsTexts ?? false,
		weigh: async (batch, ask) => {
			const main = await objective.weigh(batch, ask);
			const weights = main.weights.slice();
			const policy = await ask.policy();
			let loss = main.metrics['loss'] ?? weightedLoss(main, policy);
			let metrics = main.metrics;
			for (const penalty of penalties) {
				const part = await penalty.weigh(batch, ask);
				const scale = main.normaliser / part.normaliser;
				part.weights.forEach((w, i) => (weights[i] = (weights[i] ?? 0) + scale * w));
				loss += part.metrics['loss'] ?? weightedLoss(part, policy);
				metrics = { ...part.metrics, ...metrics };
			}
			return { weights, normaliser: main.normaliser, metrics: { ...metrics, loss } };
		},
	};
}

/** Σ w·(−log p) / n. */
export const weightedLoss = ({ weights, normaliser }: Weighed, logprobs: Float32Array): number =>
	weights.reduce((sum, w, i) => (w === 0 ? sum : sum - w * (logprobs[i] ?? 0)), 0) / normaliser;
