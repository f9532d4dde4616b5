/** @file Saved state and its schema; validates data that may be old, torn or hostile. */
import * as v from 'valibot';
import {
	count,
	list,
	object,
	oneOf,
	read,
	readOr,
	finite,
	text,
	type Schema,
} from '#base/schema.ts';
import { memoryKinds, type Memory } from '#loop/policy/memory.ts';
import { directions, phases, type Objective, type Phase, type Score } from '#loop/types.ts';
import { loraTargets, type Parameters } from '#model/adapter.ts';
import { fileOfReference } from '#storage/runs/references.ts';
import { StoreError } from '#storage/runs/store.ts';
import { scoreSchema } from './score.ts';

/** A policy with files in place of weights. */
export interface SavedPolicy {
	readonly id: string;
	/** Name of the base model; empty in states that were saved before it was kept. */
	readonly base: string;
	readonly memory: Memory;
	readonly parents: readonly string[];
	readonly adapter: { readonly parameters: Parameters; readonly file: string } | null;
	readonly trainer: {
		readonly parameters: Parameters;
		readonly steps: number;
		readonly file: string;
	} | null;
	/** Adapters of earlier rounds that a merge goes on with. */
	readonly trained?: readonly NonNullable<SavedPolicy['adapter']>[];
	/** Adapters by the difficulty that each answers. */
	readonly modules?: readonly {
		readonly difficulty: number;
		readonly adapter: NonNullable<SavedPolicy['adapter']>;
	}[];
}

/** A LoopState as plain data: experience by id (the rows hold it), weights by file. */
export interface SavedState {
	readonly t: number;
	readonly phase: Phase;
	readonly objective: Objective;
	readonly experience: readonly string[];
	readonly policy: SavedPolicy;
	/** Only while it is not the policy. */
	readonly incumbent?: SavedPolicy;
	/** Examination of the incumbent. */
	readonly accepted?: Score;
}

const file = v.custom<string>((value) => fileOfReference(value) !== undefined, 'names no file');

export const parameters = v.variant(
	'kind',
	[
		object({ kind: v.literal('full') }),
		object({
			kind: v.literal('lora'),
			rank: count,
			alpha: finite,
			targets: v.pipe(
				list(v.unknown()),
				v.transform((targets) => loraTargets.filter((target) => targets.includes(target))),
			),
		}),
	],
	'is neither lora nor full',
) satisfies Schema<Parameters>;

const memorySchema = list(
	object({
		...{ id: text, kind: oneOf(memoryKinds), text, t: count, from: list(text) },
		...{
			task: v.exactOptional(text),
			about: v.exactOptional(text),
			logprob: v.exactOptional(finite),
			used: v.exactOptional(count),
		},
	}),
) satisfies Schema<Memory>;

const adapter = object({ parameters, file });

/** States of before have no base, memory or parents. */
export const savedPolicySchema = object({
	id: text,
	base: v.optional(text, ''),
	memory: v.optional(memorySchema, () => []),
	parents: v.optional(list(text), () => []),
	adapter: v.nullable(adapter),
	trainer: v.nullable(object({ parameters, steps: count, file })),
	trained: v.exactOptional(list(adapter)),
	modules: v.exactOptional(list(object({ difficulty: count, adapter }))),
}) satisfies Schema<SavedPolicy>;

export const savedStateSchema = object({
	t: count,
	phase: oneOf(phases),
	objective: object({
		ability: text,
		direction: v.fallback(oneOf(directions), 'improve-performance'),
		difficulty: count,
		stratum: v.exactOptional(text),
		kinds: v.exactOptional(v.record(v.string(), finite)),
		protects: v.exactOptional(list(count)),
		elsewhere: v.exactOptional(list(object({ environment: text, protects: list(count) }))),
		why: v.exactOptional(text),
	}),
	experience: list(text),
	policy: savedPolicySchema,
	incumbent: v.exactOptional(savedPolicySchema),
	accepted: v.exactOptional(scoreSchema),
}) satisfies Schema<SavedState>;

/** Reads a saved state; fails with a StoreError `corrupt` that says what is wrong. */
export const readSavedState = (value: unknown): SavedState =>
	read(
		savedStateSchema,
		value,
		'state',
		(flaw) =>
			new StoreError(
				'corrupt',
				`The saved state of this run cannot be read (${flaw}); delete the run or import it again.`,
			),
	);

/** The state, or undefined if it cannot be read: for lists. */
export const savedStateOf = (value: unknown): SavedState | undefined =>
	readOr(savedStateSchema, value);
