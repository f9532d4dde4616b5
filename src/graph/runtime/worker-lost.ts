/** @file What a worker says whose worker is gone. */
import { CodedError } from '#base/coded-error.ts';

/** Nothing that is open on this worker will ever run again. */
export class WorkerLostError extends CodedError<'device-lost'> {
	override name = 'WorkerLostError';
	constructor(why: string) {
		super('device-lost', `A compute worker stopped (${why}); open the model again.`);
	}
}
