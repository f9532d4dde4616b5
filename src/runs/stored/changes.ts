/** @file What a run's adapter changed, as it is told and as a recording holds it. */
import { finite, list, object, oneOf, text, type Schema } from '#base/schema.ts';
import { loraTargets, type LoraTarget } from '#model/adapter.ts';

export interface ModuleChange {
	readonly module: LoraTarget;
	/** Root mean square of what is added to a weight of the module, over all layers. */
	readonly change: number;
}

/** A token of a right answer, with the probability that it had in the base model and has with the adapter. */
export interface TokenChange {
	/** Empty for an end mark. */
	readonly text: string;
	readonly before: number;
	readonly after: number;
}

export interface Changes {
	/** None if every weight is trained. */
	readonly modules: readonly ModuleChange[];
	readonly answers: readonly { readonly task: string; readonly tokens: readonly TokenChange[] }[];
}

export const changesSchema = object({
	modules: list(object({ module: oneOf(loraTargets), change: finite })),
	answers: list(
		object({ task: text, tokens: list(object({ text, before: finite, after: finite })) }),
	),
}) satisfies Schema<Changes>;
