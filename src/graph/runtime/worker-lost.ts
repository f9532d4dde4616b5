/** @file Error of a lost worker. */
import { CodedError } from '#base/coded-error.ts';

/** The worker is gone, with all sessions open on it. */
export class WorkerLostError extends CodedError<'device-lost'> {
	override name = 'WorkerLostError';
	constructor(why: string) {
		super('device-lost', `A compute worker stopped (${why}); open the model again.`);
	}
}
