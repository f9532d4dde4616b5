/** @file Pauses in long work over rows, so that a worker can answer and a person can stop it. */

/** Awaited before row `i`. */
export type Pause = (i: number) => Promise<void> | undefined;

export const noPause: Pause = () => undefined;

/** Rows between two turns of the event loop. */
const rows = 250;

/** Lets the event loop go on now and then; throws the signal's reason when aborted. */
export const politely =
	(signal?: AbortSignal): Pause =>
	(i) => {
		if (i % rows !== rows - 1) return undefined;
		signal?.throwIfAborted();
		return new Promise((resolve) => setTimeout(resolve, 0));
	};
