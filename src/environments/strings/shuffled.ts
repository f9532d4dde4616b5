/** @file Order of presentation as a part of a view: as given, or shuffled by the view's own seed. */
import { random as stream, type Random } from '#base/random.ts';
import type { View } from '../item.ts';

/** The parts as a view shows them; its `order` is 0 for as given, else a seed. */
export function arranged<T>(parts: readonly T[], { order }: View): readonly T[] {
	if (typeof order !== 'number' || !Number.isInteger(order) || order < 0)
		throw new TypeError("The view's order must be a whole number from 0.");
	return order === 0 ? parts : stream(order).shuffle(parts);
}

/** Orders for `count` views, the first as given. */
export const drawOrders = (count: number, random: Random): readonly number[] =>
	Array.from({ length: count }, (_, i) => (i === 0 ? 0 : random.integer(1, 2 ** 31 - 1)));
