/** @file What an objective measures of itself, as page and terminal write it. */

/** `kl 0.0123, clipped 0.04`, in the order of the objective; empty if it measures nothing. */
export const metricWords = (metrics: Readonly<Record<string, number>> = {}): string =>
	Object.entries(metrics)
		.map(([name, value]) => `${name} ${Number(value.toPrecision(2))}`)
		.join(', ');
