/**
 * @file The learning rate over a run of steps: warm-up, then constant, cosine, linear, or stable with a decay
 * at the end (warm-up–stable–decay, Hu et al. 2024, arXiv 2404.06395).
 *
 * Steps count from 0 and the warm-up's first step already learns (1/warmUp of the peak), while
 * transformers' schedules spend one step at a rate of 0.
 */

/** Shape of the rate after the warm-up. */
export const scheduleShapes = ['constant', 'cosine', 'linear', 'warmup-stable-decay'] as const;
type ScheduleShape = (typeof scheduleShapes)[number];

/** A run of steps and how fast each learns. */
export interface Schedule {
	readonly shape: ScheduleShape;
	readonly peak: number;
	/** Steps of the whole run; past them the rate stays constant. */
	readonly steps: number;
	/** Steps of linear warm-up; 0 is none. */
	readonly warmUp: number;
	/** Part of the peak that is left at the end, 0–1; `constant` ignores it. */
	readonly floor?: number;
	/** Steps of the final linear decay; `warmup-stable-decay` only. Default: a tenth of the run. */
	readonly decay?: number;
}

/** Learning rate of one step. */
export function learningRate(schedule: Schedule, step: number): number {
	const { peak, steps, warmUp, shape, floor = 0 } = schedule;
	if (step < warmUp) return (peak * (step + 1)) / warmUp;
	/** From 0 at step `from` to 1 at the last step. */
	const progress = (from: number) =>
		Math.min(1, Math.max(0, (step - from) / Math.max(1, steps - 1 - from)));
	const between = (weight: number) => peak * (floor + (1 - floor) * weight);
	switch (shape) {
		case 'constant':
			return peak;
		case 'linear':
			return peak * (1 - (1 - floor) * progress(warmUp));
		case 'cosine':
			return between((1 + Math.cos(Math.PI * progress(warmUp))) / 2);
		case 'warmup-stable-decay': {
			const decay = schedule.decay ?? Math.ceil(steps / 10);
			// The last stable step is the one before the decay; without decay it never falls.
			return decay > 0 ? between(1 - progress(Math.max(warmUp, steps - 1 - decay))) : peak;
		}
		default:
			return shape satisfies never;
	}
}
