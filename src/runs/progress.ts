/** @file Progress events, throttled to a rate that a person can see, with the time left. */
import type { Phase, Progress } from '#loop/types.ts';
import type { CurvePoint } from '#storage/runs/store.ts';

/** Shortest time between two messages of a kind; what ends a count always goes out. */
const everyMs = { step: 100, trained: 100, sample: 60, examined: 0 } as const satisfies Record<
	Progress['kind'],
	number
>;

/** A training step as the learning curve keeps it. */
export const pointOf = ({
	t,
	step,
	report: { loss, gradientNorm },
	metrics,
}: Extract<Progress, { kind: 'trained' }>): CurvePoint => ({
	...{ t, step, loss, gradientNorm },
	...(metrics && { metrics }),
});

/** Passes some of the reports on. */
export function createThrottle(
	now: () => number,
	send: (progress: Progress) => void,
): (progress: Progress) => void {
	const lastAt = new Map<string, number>();
	return (progress) => {
		const at = now();
		const key = progress.kind === 'step' ? progress.cell : progress.kind;
		const due = at - (lastAt.get(key) ?? -Infinity) >= everyMs[progress.kind];
		if (!due && !endsCount(progress)) return;
		lastAt.set(key, at);
		send(progress);
	};
}

function endsCount(progress: Progress): boolean {
	switch (progress.kind) {
		case 'step':
			return progress.done >= progress.total;
		case 'trained':
			return progress.step >= progress.steps;
		case 'sample':
			return false;
		case 'examined':
			return true;
		default:
			return progress satisfies never;
	}
}

/** Fraction of the phase that is done by this report, 0 if it covers only a small part. */
export function fractionOf(phase: Phase, progress: Progress): number {
	switch (progress.kind) {
		case 'step': {
			// Of the three cells that acquire, only the one that answers takes long; an examination counts
			// every difficulty anew, and an update is measured by its training steps.
			const tells = phase === 'refine' || progress.cell.includes('/solution/');
			return tells && progress.total > 0 ? progress.done / progress.total : 0;
		}
		case 'trained':
			return progress.steps > 0 ? progress.step / progress.steps : 0;
		case 'sample':
		case 'examined':
			return 0;
		default:
			return progress satisfies never;
	}
}
