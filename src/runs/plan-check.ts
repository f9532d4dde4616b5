/** @file What a plan may train on, checked before every update, and which experience it drew on. */
import type { Environment } from '#environments/environment.ts';
import type { Example, Experience, Plan } from '#loop/types.ts';
import { SessionFailure } from '#base/failure.ts';

/** Equal examples have equal keys. */
export const keyOf = (example: Example): string =>
	example.kind === 'answer'
		? JSON.stringify([example.item, example.answer])
		: JSON.stringify([example.prompt, example.completion]);

/** The keys of everything in a plan. */
export const keysOf = (plan: Plan): ReadonlySet<string> =>
	new Set(plan.pools.flatMap((pool) => pool.examples.map(keyOf)));

/** Does the plan draw on this experience? */
export const drewOn = (keys: ReadonlySet<string>, experience: Experience): boolean =>
	experience.fate.kind === 'kept' && experience.fate.examples.some((e) => keys.has(keyOf(e)));

/**
 * Throws where a plan holds a held-out item. An example that is only text is traced to its item by
 * the experience it came from.
 */
export function assertSealed(
	plan: Plan,
	environment: Environment,
	sources: readonly Experience[],
): void {
	const leak = plan.pools
		.flatMap((pool) => pool.examples)
		.find((e) => e.kind === 'answer' && environment.tasks.isHeldOut(e.item));
	if (leak?.kind === 'answer') throw heldOut(environment.words.show(leak.item));
	const keys = keysOf(plan);
	const source = sources.find((e) => environment.tasks.isHeldOut(e.task.item) && drewOn(keys, e));
	if (source) throw heldOut(environment.words.show(source.task.item));
}

const heldOut = (item: string): SessionFailure =>
	new SessionFailure(
		'held-out',
		`The update wanted to train on the held-out item ${item}, so nothing was trained. This is a fault of a cell; report it with the run's export.`,
	);
