/** @file Error of reading or writing model files. */

/** An unusable model file; the message names the file, the entry and the allowed values. */
export class CheckpointError extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'CheckpointError';
	}
}
