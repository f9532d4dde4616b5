/** @file Update plan: what an update will do, as data. Update cells amend it in turn; `carryOut` then does it. */
import type { Adapter, Parameters } from '#model/adapter.ts';
import type { MergeMethod } from '#model/merge/combine.ts';
import type { ObjectiveSpec, PenaltySpec } from '#objectives/registry.ts';
import type { Example } from './example.ts';
import type { Memory } from './policy/memory.ts';

/** Examples and their share of every batch; shares are normalised over the parts that are not empty. */
export interface MixturePart {
	readonly name: string;
	readonly share: number;
	readonly examples: readonly Example[];
	/** At most so many draws of each example in a round; without it as many as the share asks for. */
	readonly repeats?: number;
}

/** Gradient steps on a mixture of examples. */
export interface TrainPlan {
	readonly kind: 'train';
	readonly mixture: readonly MixturePart[];
	/** Optimised objective. */
	readonly objective: ObjectiveSpec;
	/** Added to it. */
	readonly penalties: readonly PenaltySpec[];
	/**
	 * What objective and penalties compare with: the policy that the round began with, or the base model. Its
	 * log-probabilities are computed before the first step, and only if something asks for them.
	 */
	readonly reference: 'round' | 'base';
	readonly parameters: Parameters;
	/** Share of the layers that a LoRA learns, the last ones; absent: all. */
	readonly topShare?: number;
	/** Begin from the base model instead of the last policy (ReST-EM, STaR). */
	readonly restart: boolean;
	/** Keep AdamW's moments from the last round. */
	readonly carryOptimizer: boolean;
	readonly optimizer: {
		readonly learningRate: number;
		/** Steps in which the learning rate rises. */
		readonly warmup: number;
		readonly schedule: 'constant' | 'cosine' | 'linear';
		readonly weightDecay: number;
		/**
		 * Strength of the pull to the weights that training began with (L2-SP): while the optimizer is carried those before
		 * the first round that pulled, else those before this one. 0 is off.
		 */
		readonly pull: number;
		/**
		 * Pulls each weight by its importance to these examples, the diagonal of the Fisher information at the weights that
		 * this round begins with (EWC), and towards those; absent: all alike.
		 */
		readonly importance?: {
			readonly examples: readonly Example[];
			/** Examples that are drawn for the estimate. */
			readonly samples: number;
		};
		/** Exponential average of the weights that answers; 0 is off. */
		readonly average: number;
		/** Afterwards the average becomes the weights, and begins anew at the first ones (Elastic Reset). */
		readonly elastic?: true;
		/** Largest gradient norm; 0 is off. */
		readonly clip: number;
	};
	readonly budget: {
		readonly steps: number;
		/** Examples in a step; a pair is one. */
		readonly batch: number;
	};
	/** Another memory for the trained policy; absent if it keeps the one it has. */
	readonly memory?: Memory;
	/** What is trained answers the practised difficulty, and harder ones, beside the modules of others (ConPET). */
	readonly module?: true;
}

/** A new policy out of others, without a gradient of its own. */
export interface MergePlan {
	readonly kind: 'merge';
	readonly method: MergeMethod;
	readonly parts: readonly {
		/**
		 * `round`: the policy that the round began with. A plan: the policy that it trains, at most one. The trained weights
		 * are those that the next round goes on from; the merged ones answer.
		 */
		readonly policy: Adapter | 'round' | TrainPlan;
		readonly weight: number;
	}[];
	/**
	 * Weights are found by evolution instead: so many merges are tried, and the one that finds the examples likeliest is
	 * taken. Each set counts alike.
	 */
	readonly evolves?: { readonly examples: readonly (readonly Example[])[]; readonly tries: number };
	readonly memory?: Memory;
	/** Adapters that the new policy keeps as trained, oldest first, for later merges; the one trained here is added to them. */
	readonly keeps?: readonly Adapter[];
}

/** Another memory, without a change of weights (survey 6.2). */
export interface RememberPlan {
	readonly kind: 'remember';
	readonly memory: Memory;
}

export type Plan = TrainPlan | MergePlan | RememberPlan;

/** Amends a plan that trains, and leaves any other as it is. */
export const amendTraining = (plan: Plan, amend: (plan: TrainPlan) => TrainPlan): Plan =>
	plan.kind === 'train' ? amend(plan) : plan;

/** The parts of a plan that train. */
export function trainingIn(plan: Plan): readonly TrainPlan[] {
	switch (plan.kind) {
		case 'train':
			return [plan];
		case 'merge':
			return plan.parts.flatMap(({ policy }) =>
				typeof policy === 'object' && 'kind' in policy ? [policy] : [],
			);
		case 'remember':
			return [];
		default:
			return plan satisfies never;
	}
}

/** Everything that a plan trains on. */
export const examplesIn = (plan: Plan): readonly Example[] =>
	trainingIn(plan).flatMap(({ mixture }) => mixture.flatMap((part) => part.examples));

/** Everything whose answers a plan looks at: what it trains on, what weighs its pull, and what judges its merges. */
export const examplesSeenBy = (plan: Plan): readonly Example[] => [
	...examplesIn(plan),
	...trainingIn(plan).flatMap(({ optimizer }) => optimizer.importance?.examples ?? []),
	...(plan.kind === 'merge' ? (plan.evolves?.examples ?? []).flat() : []),
];
