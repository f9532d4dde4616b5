/** @file Time left: duration of each phase in the last round, times the work still to do. */
import { phases, type Phase } from '#loop/types.ts';

/** Learns how long phases take; knows nothing until each has been seen once. */
export interface Clock {
	/** A phase took this long. */
	finished(phase: Phase, durationMs: number): void;
	/**
	 * Seconds to the end of `rounds` rounds, or null if not yet known.
	 * `fraction` of the phase under way is done, after `elapsedMs`.
	 */
	secondsLeft(
		at: { readonly t: number; readonly phase: Phase },
		rounds: number,
		elapsedMs: number,
		fraction: number,
	): number | null;
}

/** A share of the phase under which its own pace is not yet believed. */
const enough = 0.1;

/** A clock that has seen nothing yet. */
export function createClock(): Clock {
	const last = new Map<Phase, number>();
	return {
		finished: (phase, durationMs) => void last.set(phase, durationMs),
		secondsLeft(at, rounds, elapsedMs, fraction) {
			// The phase under way shows its own length once enough of it is done: rounds grow harder and longer.
			const own = fraction >= enough ? elapsedMs / fraction : last.get(at.phase);
			const lengths = phases.map((phase) => (phase === at.phase ? own : last.get(phase)));
			// Round 0 is one examination.
			const position = at.t === 0 ? phases.length - 1 : phases.indexOf(at.phase);
			const roundsAfter = Math.max(0, rounds - at.t);
			let left = Math.max(0, (own ?? NaN) - elapsedMs);
			for (const [i, length] of lengths.entries()) {
				const times = roundsAfter + (i > position ? 1 : 0);
				if (times > 0) left += times * (length ?? NaN);
			}
			return Number.isFinite(left) ? Math.round(left / 1000) : null;
		},
	};
}
