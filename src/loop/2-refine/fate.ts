/** @file Marks of refining cells on an experience: kept with its examples, or set aside with a reason. */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import {
	completionOf,
	isPromptLed,
	promptOf,
	saidTokens,
	taughtBy,
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

/**
 * Examples of up to `most` different rollouts, in order: each turn that is learnt of them, once. Of equal conversations one
 * counts.
 */
export function textExamples(
	task: Task,
	rollouts: readonly Rollout[],
	environment: EnvironmentFor<never>,
	most = Infinity,
): readonly Example[] {
	const made = rollouts.map((rollout) =>
		taughtBy(rollout).map((one) => textExample(task, one, environment)),
	);
	// The last turn stands after all others.
	const different = new Map(made.map((examples) => [keyOf(examples.at(-1)), examples]));
	return distinct([...different.values()].slice(0, most).flat());
}

/** Each text once, in order. */
export const distinct = (examples: readonly Example[]): Example[] => [
	...new Map(examples.map((one) => [keyOf(one), one])).values(),
];

/** The same text under the same prompt is one example, in whatever tokens it was sampled. */
const keyOf = (one: Example | undefined): string =>
	JSON.stringify(one?.kind === 'text' ? [one.prompt, one.completion] : one);

/** Judged, and no answer right: unjudged ones are not wrong. */
export function wentWrong({ fate, feedback }: Experience): boolean {
	return (
		fate.kind === 'fresh' &&
		feedback.kind === 'scored' &&
		feedback.source === 'environment' &&
		feedback.score === 0
	);
}
