/** @file Comparison run without a filter: the same request, but every answer is kept and difficulty climbs faster. */
import type { KnobValue } from '#base/knobs.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import type { Setting } from '../../state/catalogue.ts';

/**
 * At one step a round the fall is slow; at two, addition keeps 83–86 % true labels in the first round, 23–44 % in the
 * second and 2–6 % in the third (five seeds).
 */
const fastStride = 2;

/** The knob that turns the filter off; undefined if the method has none. */
export const agreementOf = (settings: readonly Setting[]): Setting | undefined =>
	settings.find(({ knob }) => knob === metricFree.knobs.agreement);

/** The knob of how fast difficulty climbs. */
export const strideOf = (settings: readonly Setting[]): Setting | undefined =>
	settings.find(({ knob }) => knob === quantitative.knobs.stride);

/** Knobs to turn, by name; none if the method has no filter. One that stays at one difficulty stays there. */
export function withoutFilter(settings: readonly Setting[]): ReadonlyMap<string, KnobValue> {
	const agreement = agreementOf(settings);
	if (!agreement) return new Map();
	const climb = strideOf(settings);
	const stride = Number(climb?.value ?? 0);
	return new Map<string, KnobValue>([
		[agreement.name, false],
		...(climb && stride > 0 ? [[climb.name, Math.max(stride, fastStride)] as const] : []),
	]);
}

/** The same knobs as the method sets them. */
export function withFilter(settings: readonly Setting[]): ReadonlyMap<string, KnobValue> {
	const turned = withoutFilter(settings);
	return new Map(
		settings.flatMap(({ name, value }) => (turned.has(name) ? [[name, value] as const] : [])),
	);
}
