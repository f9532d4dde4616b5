/** @file How refining cells mark an experience: kept with its examples, or set aside with a reason. */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Attempt, Example, Experience, Task } from '#loop/types.ts';

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

/** An attempt exactly as written, but always under the plain prompt: a hint is never trained on. */
export const textExample = (
	task: Task,
	attempt: Attempt,
	environment: EnvironmentFor<never>,
): Example => ({
	kind: 'text',
	difficulty: task.difficulty,
	prompt: attempt.rationalized ? environment.open(task.item, attempt.view).first() : attempt.prompt,
	completion: attempt.completion,
});

/** Each text once, in order. */
export function distinct(examples: readonly Example[]): Example[] {
	return [...new Map(examples.map((one) => [JSON.stringify(one), one])).values()];
}
