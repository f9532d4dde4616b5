/** @file The one failure of reading or writing model files. */

/** A model file that cannot be used; the message names the file, the entry and what is allowed. */
export class CheckpointError extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'CheckpointError';
	}
}
