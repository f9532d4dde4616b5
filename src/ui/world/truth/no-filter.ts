/** @file Comparison run without a filter: the same request, but every answer is kept and difficulty climbs faster. */
import type { KnobValue } from '#base/knobs.ts';
import type { Setting } from '../../state/catalogue.ts';

/**
 * At one step a round the fall is slow; at two, addition keeps 83–86 % true labels in the first round, 23–44 % in the
 * second and 2–6 % in the third (five seeds).
 */
const fastStride = 2;

/** Knobs to turn, by name; none if the method has no filter. One that stays at one difficulty stays there. */
export function withoutFilter(settings: readonly Setting[]): ReadonlyMap<string, KnobValue> {
	const valueOf = (wanted: string) => settings.find(({ name }) => name === wanted)?.value;
	if (typeof valueOf('agreement') !== 'boolean') return new Map();
	const stride = Number(valueOf('stride') ?? 0);
	return new Map<string, KnobValue>([
		['agreement', false],
		...(stride > 0 ? [['stride', Math.max(stride, fastStride)] as const] : []),
	]);
}

/** The same knobs as the method sets them. */
export function withFilter(settings: readonly Setting[]): ReadonlyMap<string, KnobValue> {
	const turned = withoutFilter(settings);
	return new Map(
		settings.flatMap(({ name, value }) => (turned.has(name) ? [[name, value] as const] : [])),
	);
}
