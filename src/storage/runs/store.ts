/**
 * @file What is kept: runs, their experience and their weights. One finished step is one `commit`, all or nothing.
 *
 * Records live in a database, big bytes in files named by content; a commit writes the files first and
 * refers to them in the transaction, so a torn write leaves an orphan file, never a broken run.
 *
 * A run names a file by a string `file:<name>` anywhere in `record.state` (`fileReference` in `references.ts` makes
 * one). A commit that names a file which is not stored is refused. A file that no run names any more goes when
 * the commit or delete that dropped it is done; one that was written and never committed, when a store opens.
 */
import { CodedError } from '#base/coded-error.ts';
import type { KnobValue } from '#base/knobs.ts';

/** What a run was asked to be: enough to start it again. */
export interface RunRecipe {
	readonly method: string;
	readonly environment: string;
	readonly seed: number;
	readonly rounds: number;
	/** Only the knobs that differ from the method's own, by name. */
	readonly knobs: Readonly<Record<string, KnobValue>>;
	/** Base model: a folder of `public/models/`, or a model that a person has opened. */
	readonly model: string;
	/** Who plays which role, where it is not the policy: `frozen`, `endpoint:URL#MODEL`, `script:TEXT`. */
	readonly roles?: Readonly<Record<string, string>>;
}

export type RunStatus = 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

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
	/** Where the loop stands (LoopState without its experience and with files in place of weights). */
	readonly state: State;
	readonly scores: readonly ScoreRow[];
	/** Per round: what was believed of the kept labels and what was true. */
	readonly truths: readonly TruthRow[];
	/** Loss and gradient norm of every step so far. */
	readonly curve: readonly CurvePoint[];
}

/** What a run has cost; see `loop/meter.ts`. */
export interface RunCost {
	readonly tokensIn: number;
	readonly tokensOut: number;
	readonly tokensTrained: number;
	readonly flop: number;
	readonly seconds: number;
}

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

export interface CurvePoint {
	readonly t: number;
	readonly step: number;
	readonly loss: number;
	readonly gradientNorm: number;
}

/** One row of the experience table. `payload` is the loop's Experience; the rest is what one filters and sorts by. */
export interface ExperienceRow<Payload = unknown> {
	readonly runId: string;
	readonly id: string;
	readonly t: number;
	readonly difficulty: number;
	readonly stratum: string;
	readonly text: string;
	readonly answer: string | null;
	readonly expected: string;
	readonly verdict: 'correct' | 'wrong' | 'malformed' | 'unjudged';
	readonly score: number | null;
	readonly fate: 'fresh' | 'kept' | 'set-aside';
	/** Why it was set aside, else empty. */
	readonly reason: string;
	/** Rejected by hand: never trained on from then. */
	readonly rejected: boolean;
	/** Rounds whose update drew on it. */
	readonly trainedIn: readonly number[];
	readonly payload: Payload;
}

export interface Commit {
	readonly run: RunRecord;
	/** Rows to insert or replace, by (runId, id). */
	readonly experiences?: readonly ExperienceRow[];
}

/**
 * Files by name, content-addressed by the caller; written whole or not at all. A name is words of letters,
 * digits, `.`, `_` and `-` with `/` between them; a damaged file is `corrupt`, never other bytes.
 */
export interface Files {
	write(name: string, bytes: Uint8Array): Promise<void>;
	/** Undefined where there is none. */
	read(name: string): Promise<Uint8Array | undefined>;
	delete(name: string): Promise<void>;
	list(prefix?: string): Promise<readonly string[]>;
}

export interface Store {
	readonly files: Files;
	/** Newest first. */
	runs(): Promise<readonly RunRecord[]>;
	run(id: string): Promise<RunRecord | undefined>;
	/**
	 * One transaction; refused with code `conflict` when `run.version` is not the stored one plus 1 (1 for a
	 * new run). What a person did elsewhere stays: a stored name, and the `rejected` of a stored row.
	 */
	commit(commit: Commit): Promise<void>;
	/** Leaves the version as it is, so that a training tab is not disturbed. */
	rename(id: string, name: string): Promise<void>;
	/** The run, its rows and the files no other run names. */
	delete(id: string): Promise<void>;
	/** Rows of a run in order of (t, id), a page at a time (all without `limit`); `t` narrows to one round. */
	experiences(
		runId: string,
		page?: { readonly t?: number; readonly offset?: number; readonly limit?: number },
	): Promise<readonly ExperienceRow[]>;
	countExperiences(runId: string): Promise<number>;
	/** Sets `rejected` of one row. */
	reject(runId: string, id: string, rejected: boolean): Promise<void>;
	/** Bytes used and available, where the platform tells. */
	space(): Promise<{ readonly used: number; readonly quota: number } | undefined>;
	close(): Promise<void>;
}

export type StoreErrorCode = 'full' | 'conflict' | 'corrupt' | 'blocked' | 'not-available';

/** A failure with a code; the message names the remedy. */
export class StoreError extends CodedError<StoreErrorCode> {
	override name = 'StoreError';
}
