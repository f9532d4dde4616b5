/** @file Where every run begins: the base model, one step past what it was taught, to be examined first. */
import type { Environment } from '#environments/environment.ts';
import { basePolicy } from './policy/policy.ts';
import type { LoopState } from './types.ts';

/** Round 0: the examination of the base model, before any round of learning. */
export function startState(environment: Environment): LoopState {
	const policy = basePolicy(environment.model);
	return {
		t: 0,
		phase: 'evaluate',
		objective: {
			ability: environment.name,
			direction: 'improve-performance',
			difficulty: Math.min(environment.base[1] + 1, environment.tasks.difficulty.max),
		},
		experience: [],
		policy,
		incumbent: policy,
		accepted: null,
	};
}
