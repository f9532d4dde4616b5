/**
 * @file The run that a closed tab leaves behind, noted in local storage, so that a page without one
 * opens no database and no worker before it is asked to.
 */
const key = 'evolvarium.run';

/** The id of the run to go on with, or null. */
export function readWaitingRun(): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null; // storage is forbidden here: nothing can be waiting
	}
}

export function writeWaitingRun(runId: string | null): void {
	try {
		if (runId === null) localStorage.removeItem(key);
		else localStorage.setItem(key, runId);
	} catch {
		// storage is forbidden here: the run is not found again, and that is all
	}
}
