/** @file Progress events, throttled to a rate that a person can see. */
import type { Progress } from '#loop/types.ts';
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
