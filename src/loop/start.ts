/** @file Start of every run: the base model at its start difficulty, to be examined first. */
import type { Environment } from '#environments/environment.ts';
import { basePolicy } from './policy/policy.ts';
import type { LoopState } from './types.ts';

/** Base model of a run, and the difficulties that were taught to the environment's seedling. */
export interface Start {
	/** Name of the base model, part of every policy's id. */
	readonly model: string;
	/** Inclusive; absent if the environment has no seedling, and the run starts at its lowest difficulty. */
	readonly taught?: readonly [from: number, to: number];
}

/** Round 0: the examination of the base model, before any round of learning. */
export function startState(
	{ name, tasks }: Pick<Environment, 'name' | 'tasks'>,
	start: Start,
): LoopState {
	const policy = basePolicy(start.model);
	return {
		t: 0,
		phase: 'evaluate',
		objective: {
			ability: name,
			direction: 'improve-performance',
			difficulty: start.taught
				? Math.min(start.taught[1] + 1, tasks.difficulty.max)
				: tasks.difficulty.min,
		},
		experience: [],
		policy,
		incumbent: policy,
		accepted: null,
	};
}
