/** @file What a lane says whose worker is gone. */
import { CodedError } from '#base/coded-error.ts';

/** Nothing that is open on this lane will ever run again. */
export class LaneLostError extends CodedError<'device-lost'> {
	override name = 'LaneLostError';
	constructor(why: string) {
		super('device-lost', `A compute worker stopped (${why}); open the model again.`);
	}
}
