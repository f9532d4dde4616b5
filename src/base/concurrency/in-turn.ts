/** @file Asynchronous map, one item after the other. */

/** The results in their order; one that rejects ends it. */
export async function inTurn<T, R>(
	all: readonly T[],
	work: (one: T) => Promise<R>,
): Promise<readonly R[]> {
	const results: R[] = [];
	for (const one of all) results.push(await work(one));
	return results;
}
