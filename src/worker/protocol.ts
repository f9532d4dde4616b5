/**
 * @file Every message between page and worker. The page sends commands with a number; the worker sends back an
 * answer or an error under that number, and events as they happen.
 */
import type { SessionError } from '#base/failure.ts';
import type { KnobValue } from '#base/knobs.ts';
import type { ExperienceRow } from '#runs/stored/row.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import type { OpenOptions } from '#platform/compute.ts';
import type { ExportFormat } from '#runs/session.ts';
import type { ResumeOptions, SessionEvent, StartOptions, TryAnswer } from '#runs/session.ts';

/** What the page can ask of the worker. */
export type Command =
	/** First of all: where the site lies, so that the worker finds `models/` under it. */
	| ({ readonly type: 'open' } & OpenOptions)
	| { readonly type: 'start'; readonly options: StartOptions }
	| { readonly type: 'resume'; readonly runId: string; readonly options: ResumeOptions }
	| { readonly type: 'pause' }
	| { readonly type: 'step' }
	| { readonly type: 'stop' }
	| {
			readonly type: 'set-knob';
			readonly name: string;
			readonly value: KnobValue;
			readonly runId?: string;
	  }
	| {
			readonly type: 'reject';
			readonly runId: string;
			readonly experienceId: string;
			readonly rejected: boolean;
	  }
	| {
			readonly type: 'try-out';
			readonly runId: string | null;
			readonly text: string;
			readonly environment: string;
	  }
	| { readonly type: 'runs' }
	| { readonly type: 'rename'; readonly runId: string; readonly name: string }
	| { readonly type: 'delete'; readonly runId: string }
	| {
			readonly type: 'experiences';
			readonly runId: string;
			readonly page: { readonly t?: number; readonly offset?: number; readonly limit?: number };
	  }
	| { readonly type: 'export'; readonly runId: string; readonly format: ExportFormat }
	| { readonly type: 'import'; readonly bytes: Uint8Array }
	/** Serves the desk (`desk.ts`) over this port, which is handed over. */
	| { readonly type: 'open-desk'; readonly port: MessagePort }
	| { readonly type: 'dispose' };

/** What a command brings back; commands without a result answer `done`. */
export type Answer =
	| { readonly type: 'done' }
	| { readonly type: 'run-id'; readonly runId: string }
	| { readonly type: 'try-answer'; readonly answer: TryAnswer }
	| { readonly type: 'run-list'; readonly runs: readonly RunRecord[] }
	| { readonly type: 'row-list'; readonly rows: readonly ExperienceRow[] }
	| { readonly type: 'file'; readonly name: string; readonly bytes: Uint8Array };

/** Page to worker. */
export interface Request {
	readonly id: number;
	readonly command: Command;
}

/** Worker to page. */
export type Message =
	| { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
	| { readonly type: 'error'; readonly id: number; readonly error: SessionError }
	| { readonly type: 'event'; readonly event: SessionEvent };

/** One end of a message channel: a Worker, a worker's own scope or a MessagePort. */
export interface Port<Outgoing, Incoming> {
	send(message: Outgoing, transfer?: readonly Transferable[]): void;
	/** One listener; set before anything can arrive. */
	receive(listener: (message: Incoming) => void): void;
}
