/** @file Mutex: calls that run one after the other. */

/** Runs the work after all earlier calls have ended; a failure rejects its own caller alone. */
export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Creates a mutex; callers get it in the order of their calls. */
export function createMutex(): Mutex {
	let last: Promise<void> = Promise.resolve();
	return (work) => {
		const mine = last.then(work);
		// The chain holds neither a result nor a failure in memory.
		last = mine.then(ended, ended);
		return mine;
	};
}

const ended = (): void => undefined;
