/** @file Marks of refining cells on an experience: kept with its examples, or set aside with a reason. */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import {
	completionOf,
	isPromptLed,
	promptOf,
	saidTokens,
	type Rollout,
} from '#loop/rollout/rollout.ts';
import type { Experience, Task } from '#loop/types.ts';

/** Set aside; whoever looks at it later learns by which cell and why. */
export const setAside = (experience: Experience, by: string, reason: string): Experience => ({
	...experience,
	fate: { kind: 'set-aside', by, reason },
});

/** Kept; what an earlier filter chose to train on stays chosen. */
export const keep = (experience: Experience, examples: readonly Example[]): Experience =>
	experience.fate.kind === 'kept'
		? experience
		: { ...experience, fate: { kind: 'kept', examples } };

/**
 * A rollout's answer exactly as it was sampled, but always under the plain prompt: no hint, critique or solved case is
 * trained on.
 */
export function textExample(
	task: Task,
	rollout: Rollout,
	environment: EnvironmentFor<never>,
): Example {
	const led = isPromptLed(rollout);
	const tokens = saidTokens(rollout);
	return {
		kind: 'text',
		difficulty: task.difficulty,
		prompt: led ? environment.open(task.item, rollout.view).first() : promptOf(rollout),
		completion: completionOf(rollout),
		...(tokens && { tokens: led ? { completion: tokens.completion } : tokens }),
		...(rollout.advantage !== undefined && { advantage: rollout.advantage }),
	};
}

/** Each text once, in order. */
export function distinct(examples: readonly Example[]): Example[] {
	const keyOf = (one: Example): string =>
		// The same text under the same prompt is one example, in whatever tokens it was sampled.
		JSON.stringify(one.kind === 'text' ? [one.prompt, one.completion] : one);
	return [...new Map(examples.map((one) => [keyOf(one), one])).values()];
}
