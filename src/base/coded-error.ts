/** @file Coded errors: a page, a terminal or a script distinguishes them by code. */

/** A failure with a code to act on; the message is one sentence that names the remedy. */
export class CodedError<Code extends string = string> extends Error {
	readonly code: Code;
	constructor(code: Code, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}

/** Type guard, also for errors of another copy of the class. */
export const isCoded = (error: unknown): error is CodedError => error instanceof CodedError;
