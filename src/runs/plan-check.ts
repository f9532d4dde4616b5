/** @file Held-out check of a plan before every update, and the experience that a plan draws on. */
import type { Environment } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import { examplesIn, examplesSeenBy, type Plan } from '#loop/plan.ts';
import { completionOf, promptOf, saidTokens, taughtBy } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import type { Prompt } from '#base/prompt.ts';
import { SessionFailure } from '#base/failure.ts';

/** Equal things to learn have equal keys; a pair has one for each side. */
export function keysOfExample(example: Example): readonly string[] {
	switch (example.kind) {
		case 'answer':
			return [JSON.stringify([example.item, example.answer])];
		case 'text':
			return [
				example.advantage === undefined
					? textKey(example.prompt, example.completion)
					: sampledKey(example.prompt, example.completion, example.tokens?.logprobs),
			];
		case 'pair':
			return [example.chosen, example.rejected].map((side) =>
				sideKey(example.prompt, side.completion),
			);
		default:
			return example satisfies never;
	}
}
const textKey = (prompt: Prompt, completion: string): string =>
	JSON.stringify([prompt, completion]);
const sideKey = (prompt: Prompt, completion: string): string =>
	JSON.stringify(['side', prompt, completion]);

/** Log-probabilities tell a rollout from the same text of another round. */
const sampledKey = (prompt: Prompt, completion: string, logprobs: readonly number[] = []): string =>
	JSON.stringify(['sampled', prompt, completion, logprobs]);

/** The keys of everything that a plan trains on. */
export const keysOf = (plan: Plan): ReadonlySet<string> =>
	new Set(examplesIn(plan).flatMap(keysOfExample));

/** Does the plan draw on this experience? */
export const drewOn = (keys: ReadonlySet<string>, experience: Experience): boolean =>
	keysOfExperience(experience).some((key) => keys.has(key));

/** The keys of everything that can be learnt from an experience. */
export function keysOfExperience({ fate, rollouts }: Experience): readonly string[] {
	// Pairs and advantages are made of rollouts when the plan is; the latter of those that no filter kept, too.
	const sampled = rollouts
		.flatMap(taughtBy)
		.map((one) => sampledKey(promptOf(one), completionOf(one), saidTokens(one)?.logprobs));
	if (fate.kind !== 'kept') return sampled;
	const sides = rollouts.map((one) => sideKey(promptOf(one), completionOf(one)));
	return [...sampled, ...fate.examples.flatMap(keysOfExample), ...sides];
}

/**
 * Throws if a plan holds a held-out item. An example that is only text is traced to its item by
 * the experience it came from.
 */
export function assertSealed(
	plan: Plan,
	environment: Environment,
	sources: readonly Experience[],
): void {
	const seen = examplesSeenBy(plan);
	const leak = seen.find((e) => e.kind === 'answer' && environment.tasks.isHeldOut(e.item));
	if (leak?.kind === 'answer') throw heldOut(environment.words.show(leak.item));
	const keys = new Set(seen.flatMap(keysOfExample));
	const source = sources.find((e) => environment.tasks.isHeldOut(e.task.item) && drewOn(keys, e));
	if (source) throw heldOut(environment.words.show(source.task.item));
}

const heldOut = (item: string): SessionFailure =>
	new SessionFailure(
		'held-out',
		`The update wanted to train on the held-out item ${item}, so nothing was trained. This is a fault of a cell; report it with the run's export.`,
	);
