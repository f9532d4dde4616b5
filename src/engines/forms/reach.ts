/** @file Reachability in a graph of states. */

/** 1 for every node from which one of `ends` can be reached; `into[n]` are the nodes with an edge to n. */
export function canReach(
	into: readonly (readonly number[])[],
	ends: readonly number[],
): Uint8Array {
	const reached = new Uint8Array(into.length);
	const open = [...ends];
	for (const end of ends) reached[end] = 1;
	for (let at = open.pop(); at !== undefined; at = open.pop())
		for (const from of into[at] ?? [])
			if (reached[from] === 0) {
				reached[from] = 1;
				open.push(from);
			}
	return reached;
}
