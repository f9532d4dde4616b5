/** @file Record of a run, its parts and their schemas; the loop defines the content of state and scores. */
import * as v from 'valibot';
import type { KnobValue } from '#base/knobs.ts';
import { kvTypes, type KvBudget, type KvType } from '#base/limits.ts';
import {
	count,
	dictionary,
	finite,
	json,
	list,
	number,
	object,
	oneOf,
	text,
	whole,
	type Schema,
} from '#base/schema.ts';

/** Recipe of a run: enough to start it again. */
export interface RunRecipe {
	readonly method: string;
	/** Cells in which it differs from the method, by name: put in, or with `-` taken out. */
	readonly cells?: readonly string[];
	readonly environment: string;
	readonly seed: number;
	readonly rounds: number;
	/** Only the knobs that differ from the method's own, by name. */
	readonly knobs: Readonly<Record<string, KnobValue>>;
	/** Base model: a folder of `public/models/`, or a model that a person has opened. */
	readonly model: string;
	/** Players of the roles that are not the policy's: `frozen`, `endpoint:URL#MODEL`, `script:TEXT`. */
	readonly roles?: Readonly<Record<string, string>>;
	/** Environments that are examined beside the practised one: `sorting`, `reversal:direction=copy`. */
	readonly alsoExamine?: readonly string[];
	/** KV cache kept of long prompts to proposer, critic and judge; all of it if absent. */
	readonly cache?: KvBudget;
}

const knobValue = v.union([v.string(), v.number(), v.boolean()], 'is no value of a knob');

export const recipeSchema = object({
	method: text,
	cells: v.exactOptional(list(text)),
	environment: text,
	seed: whole,
	rounds: count,
	knobs: dictionary(knobValue),
	model: text,
	roles: v.exactOptional(dictionary(text)),
	alsoExamine: v.exactOptional(list(text)),
	cache: v.exactOptional(
		object({
			budget: count,
			window: v.union([v.literal('auto'), count]),
			kernel: count,
			type: v.exactOptional(v.picklist(Object.keys(kvTypes) as KvType[])),
		}),
	),
}) satisfies Schema<RunRecipe>;

/** Truth meter of one round: k of n kept labels are true; the loop believes `believed` of them. */
export interface TruthRow {
	readonly t: number;
	readonly asked: number;
	readonly kept: number;
	readonly correct: number;
	readonly judged: number;
	/** Mean score that the loop's own feedback gave what it kept, 0–1. */
	readonly believed: number;
	/** The same for all answers before the filter. */
	readonly correctBefore: number;
	readonly judgedBefore: number;
}

export const truthSchema = object({
	t: count,
	asked: count,
	kept: count,
	correct: count,
	judged: count,
	believed: number,
	correctBefore: count,
	judgedBefore: count,
}) satisfies Schema<TruthRow>;

export interface CurvePoint {
	readonly t: number;
	readonly step: number;
	readonly loss: number;
	readonly gradientNorm: number;
	/** Of the objective and its penalties, by name: `kl`, `clipped`, `accuracy`; absent if they measure none. */
	readonly metrics?: Readonly<Record<string, number>>;
}

export const curvePointSchema = object({
	t: count,
	step: count,
	loss: number,
	gradientNorm: number,
	metrics: v.exactOptional(dictionary(number)),
}) satisfies Schema<CurvePoint>;

/** Cost of a run; see `loop/meter.ts`. */
export interface RunCost {
	readonly tokensIn: number;
	readonly tokensOut: number;
	readonly tokensTrained: number;
	readonly flop: number;
	readonly seconds: number;
}

export const costSchema = object({
	tokensIn: count,
	tokensOut: count,
	tokensTrained: count,
	flop: number,
	seconds: number,
}) satisfies Schema<RunCost>;

export const statuses = ['running', 'paused', 'finished', 'stopped', 'failed'] as const;
export type RunStatus = (typeof statuses)[number];

export interface RunRecord<State = unknown, ScoreRow = unknown> {
	readonly id: string;
	readonly name: string;
	readonly recipe: RunRecipe;
	readonly status: RunStatus;
	/** Why it failed or stopped, for people. */
	readonly message?: string;
	/** Milliseconds since 1970; shown, never used in the run. */
	readonly createdAt: number;
	readonly updatedAt: number;
	/** Time spent running, milliseconds. */
	readonly spentMs: number;
	/** Tokens, floating-point operations and seconds so far; absent in runs of before it was counted. */
	readonly cost?: RunCost;
	/** Bumped at each commit: two tabs notice each other. */
	readonly version: number;
	/** `wasm, 2 workers` / `onnx, wasm` as they were. */
	readonly engine: string;
	readonly trainer: string;
	/** Loop state (LoopState without its experience and with file references in place of weights). */
	readonly state: State;
	readonly scores: readonly ScoreRow[];
	/** Per round: believed and true accuracy of the kept labels. */
	readonly truths: readonly TruthRow[];
	/** Loss and gradient norm of every step so far. */
	readonly curve: readonly CurvePoint[];
}

/** A run that is stored and cannot be read; it can be exported as it is, and deleted. */
export interface DamagedRun {
	readonly kind: 'damaged';
	readonly id: string;
	/** One sentence that names the damage and the remedy. */
	readonly message: string;
}

export type StoredEntry = { readonly kind: 'sound'; readonly run: RunRecord } | DamagedRun;

/** A record from a disk or a file, every field of it. */
export const runSchema = object({
	id: text,
	name: text,
	recipe: recipeSchema,
	status: oneOf(statuses),
	message: v.exactOptional(text),
	createdAt: finite,
	updatedAt: finite,
	spentMs: finite,
	cost: v.exactOptional(costSchema),
	version: count,
	engine: text,
	trainer: text,
	state: json,
	scores: list(json),
	truths: list(truthSchema),
	curve: list(curvePointSchema),
}) satisfies Schema<RunRecord>;
