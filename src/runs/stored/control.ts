/**
 * @file Controls of a recorded run: other runs of the same seed, rounds and cost with a cause taken away, of which only the
 * right answers by round are kept.
 */
import { count, list, object, text, type Schema } from '#base/schema.ts';
import { acceptedScores } from '../measure/accepted.ts';
import { tallyOf, type Tally } from '../measure/share.ts';
import type { SessionEvent } from '../session.ts';
import { isScore } from './score.ts';

/** Right answers of the policy that stood after a round; 0 is before the first. */
export interface ControlPoint extends Tally {
	readonly t: number;
}

export interface Control {
	/** What it goes without, in words: `no rules while exploring`. */
	readonly title: string;
	readonly points: readonly ControlPoint[];
}

export const controlSchema = object({
	title: text,
	points: list(object({ t: count, correct: count, n: count })),
}) satisfies Schema<Control>;

/** What the events of the control's run say; without points if it was never examined. */
export function controlOf(title: string, events: readonly SessionEvent[]): Control {
	const scores = events.flatMap((event) =>
		event.type === 'committed' || event.type === 'run' ? [event.run.scores] : [],
	);
	const points = acceptedScores((scores.at(-1) ?? []).filter(isScore)).map(({ t, cells }) => ({
		t,
		...tallyOf(cells),
	}));
	return { title, points };
}
