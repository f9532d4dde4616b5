/** @file Failures of the application: a code to act on, and one sentence that names the remedy. */
import { CodedError } from './coded-error.ts';

/** A failure as it is shown, stored and sent. */
export interface SessionError {
	readonly code: string;
	/** One sentence that names the remedy. */
	readonly message: string;
}

/** Codes by which a page or a script distinguishes failures. */
export type SessionErrorCode =
	/** Names, knobs or seed that are not allowed. */
	| 'bad-request'
	/** A typed task that cannot be read. */
	| 'bad-task'
	/** Another run is under way here. */
	| 'busy'
	| 'no-such-run'
	/** No run to pause, stop or turn a knob of. */
	| 'no-run'
	/** Weights for a chat that no longer exist. */
	| 'no-such-adapter'
	/** Nothing to export yet. */
	| 'nothing-to-export'
	/** Another tab trains; this one watches. */
	| 'watching'
	/** A held-out item got into a plan. */
	| 'held-out'
	/** The worker died. */
	| 'crashed'
	| 'closed';

/** A failure of the session itself; the message names the remedy. */
export class SessionFailure extends CodedError<SessionErrorCode> {
	override name = 'SessionFailure';
}

/** Error received from the worker; of its class, only its code survives serialization. */
export class RemoteFailure extends CodedError {
	override name = 'RemoteFailure';
	constructor({ code, message }: SessionError) {
		super(code, message);
	}
}
