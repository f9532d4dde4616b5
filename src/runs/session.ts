/**
 * @file Session interface: one run, in this thread or another. In the page it is a proxy to a
 * worker (`remote-session.ts`), in the terminal and in tests the run itself (`local-session.ts`).
 */
import type { Memory } from '#loop/policy/memory.ts';
import type { SessionError } from '#base/failure.ts';
import type { KnobValue } from '#base/knobs.ts';
import type { LoopEvent, Phase, Progress, Score } from '#loop/types.ts';
import type { ModelOpened } from '#platform/models.ts';
import type { RunRecipe, RunRecord, RunStatus, StoredEntry } from '#storage/runs/store.ts';
import type { Trash } from '#storage/files/trash.ts';
import type { AdapterFile } from './stored/recorded-adapters.ts';
import type { ExperienceRow, ListedRow } from './stored/row.ts';

/** Run asked for; knobs and seed are checked before anything starts. */
export type StartOptions = Omit<RunRecipe, 'model'> & {
	readonly name?: string;
	/** Another base model than the environment's own. */
	readonly model?: string;
};

/** How a run goes on. */
export interface ResumeOptions {
	/** To the end of this round. */
	readonly rounds?: number;
	/** Does one step of the loop, then pauses. */
	readonly singleStep?: boolean;
	/** Knobs to change before it goes on: all of them, or none if one is refused. */
	readonly knobs?: Readonly<Record<string, KnobValue>>;
}

/** The stream that page, terminal, watching tabs and recordings read; plain data, no weights. */
export type SessionEvent =
	/** Engine and trainer in use, with a sentence if a better one was not available. */
	| ModelOpened
	| { readonly type: 'run'; readonly run: RunRecord }
	| {
			readonly type: 'status';
			readonly runId: string;
			readonly status: RunStatus | 'pausing';
			readonly message?: string;
	  }
	| {
			readonly type: 'began';
			readonly runId: string;
			readonly t: number;
			readonly phase: Phase;
			readonly difficulty: number;
	  }
	| {
			readonly type: 'progress';
			readonly runId: string;
			readonly progress: Progress;
			readonly secondsLeft: number | null;
	  }
	/** A step is finished and committed. */
	| {
			readonly type: 'committed';
			readonly runId: string;
			readonly step: LoopEvent['type'];
			readonly run: RunRecord;
			/** Rows new or changed in this step. */
			readonly rows: readonly ExperienceRow[];
			readonly score?: Score;
	  }
	| { readonly type: 'failed'; readonly runId: string | null; readonly error: SessionError };

/** Policies that no store holds: those of a recorded run, with their weights. */
export interface RecordedPolicies {
	readonly recipe: RunRecipe;
	/** Earliest first; at least one. */
	readonly adapters: readonly AdapterFile[];
}

/** One policy's answer to a typed task. */
export interface GivenAnswer {
	readonly answer: string | null;
	readonly completion: string;
	readonly correct: boolean | null;
}

/** Answers of the base model and of policies trained from it to the same typed task. */
export interface TryAnswer {
	readonly task: string;
	readonly expected: string | null;
	readonly before: GivenAnswer;
	/** Of recorded policies all but the last; of a stored run none. */
	readonly between: readonly GivenAnswer[];
	readonly now: GivenAnswer;
}

/** A file to hand to a person. */
export interface ExportedFile {
	readonly name: string;
	readonly bytes: Uint8Array;
	/** What is not as one expects: one sentence. */
	readonly note?: string;
	/** The files of a damaged run as they are: nobody can import them. */
	readonly isDamaged?: true;
}

/** Export formats of a run. */
export type ExportFormat = 'run' | 'peft' | 'jsonl';

/** Operations on the current run and on stored runs. */
export interface Session {
	/** Subscribes; returns the unsubscribe function. */
	subscribe(listener: (event: SessionEvent) => void): () => void;
	/** Begins a new run and returns its id; events follow. */
	start(options: StartOptions): Promise<string>;
	/** Goes on with a stored or paused run, from its last finished step. */
	resume(runId: string, options?: ResumeOptions): Promise<void>;
	/** Finishes the step under way, then waits. */
	pause(): Promise<void>;
	/**
	 * Ends at once; the step under way is dropped, what was finished stays. Of the current run, or of a stored one while
	 * none is under way: one that was cut off.
	 */
	stop(runId?: string): Promise<void>;
	/**
	 * Turns a knob; holds from the next step that reads it. Of the current run, or of a stored one while none is under way:
	 * one that failed, say, before it is resumed.
	 */
	setKnob(name: string, value: KnobValue, runId?: string): Promise<void>;
	/** Sets an experience aside by hand (or takes that back). */
	reject(runId: string, experienceId: string, rejected: boolean): Promise<void>;
	/** Puts another memory in place of what the policy remembers, while the run waits. */
	setMemory(runId: string, memory: Memory): Promise<void>;
	/**
	 * Asks the base model and a policy the same: that of a stored run, those of a recording, or (null) none; `text` is what
	 * a person typed.
	 */
	tryOut(
		of: string | RecordedPolicies | null,
		text: string,
		environment: string,
	): Promise<TryAnswer>;
	/** The sound runs, newest first. */
	runs(): Promise<readonly RunRecord[]>;
	/** The same, and those that are damaged. */
	entries(): Promise<readonly StoredEntry[]>;
	/** Files that no run names any more; they are kept for some days. */
	trash(): Promise<Trash>;
	emptyTrash(): Promise<void>;
	rename(runId: string, name: string): Promise<void>;
	delete(runId: string): Promise<void>;
	experiences(
		runId: string,
		page?: { t?: number; offset?: number; limit?: number },
	): Promise<readonly ListedRow[]>;
	/** `run`: everything, to import elsewhere (zip); of a damaged run its files as they are. `peft`: the adapter (zip). `jsonl`: kept rows as prompt/completion. */
	export(runId: string, format: ExportFormat): Promise<ExportedFile>;
	/** A run exported elsewhere; returns its new id. Nothing is written unless all of it is sound. */
	import(bytes: Uint8Array): Promise<string>;
	dispose(): Promise<void>;
}
