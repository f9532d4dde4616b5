/** @file Error of reading or writing model files. */
import { briefly } from '#base/untrusted/quote.ts';

/** An unusable model file; the message names the file, the entry and the allowed values. */
export class CheckpointError extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(briefly(message), options);
		this.name = 'CheckpointError';
	}
}
