/** @file Calls that take turns, where two at once would spoil each other's work. */

/** Does the work once all that was asked for before has ended; work that fails fails its own caller alone. */
export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Opens a queue: one piece of work at a time, in the order in which they were asked for. */
export function createMutex(): Mutex {
	let last: Promise<void> = Promise.resolve();
	return (work) => {
		const mine = last.then(work);
		// Neither a result nor a failure is held for the next in line.
		last = mine.then(ended, ended);
		return mine;
	};
}

const ended = (): void => undefined;
