/**
 * @file Comparison runs without a filter, and with steeper difficulty: two knobs, turned one at a time, so that one can say
 * which of them did it.
 */
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import type { Setting } from '../../state/catalogue.ts';

/**
 * At one step a round the fall is slow; at two, addition keeps 83–86 % true labels in the first round, 23–44 % in the
 * second and 2–6 % in the third (five seeds).
 */
export const fastStride = 2;

/** The knob that turns the filter off; undefined if the method has none. */
export const agreementOf = (settings: readonly Setting[]): Setting | undefined =>
	settings.find(({ knob }) => knob === metricFree.knobs.agreement);

/** The knob of how fast difficulty climbs; undefined if the method stays at one difficulty. */
export const strideOf = (settings: readonly Setting[]): Setting | undefined =>
	settings.find(({ knob, value }) => knob === quantitative.knobs.stride && Number(value) > 0);
