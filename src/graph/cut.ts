/** @file Subgraph extraction: the nodes that compute some outputs from some given values. */
import { Graph } from './graph.ts';
import { GraphError, type Value } from './value.ts';

/**
 * The nodes that compute `outputs`, with `given` as inputs beside the graph's inputs that are still needed. Nothing
 * upstream of a given value is included, so two halves cut at the same values compute the whole.
 */
export function cut(
	graph: Graph,
	name: string,
	outputs: readonly Value[],
	given: readonly Value[] = [],
): Graph {
	const makers = new Map(graph.nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
	const stops = new Set(given.map((v) => v.name));
	const reached = new Set<string>();
	const waiting = outputs.map((v) => v.name);
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		if (next === '' || reached.has(next)) continue;
		reached.add(next);
		const maker = stops.has(next) ? undefined : makers.get(next);
		if (!maker) continue;
		if (Object.values(maker.attributes).some((a) => a instanceof Graph))
			throw new GraphError(`${maker.operator} has a body, which cannot be cut`);
		waiting.push(...maker.inputs);
	}
	const part = new Graph(name);
	part.inputs.push(...[...graph.inputs, ...given].filter((v) => reached.has(v.name)));
	part.constants.push(...graph.constants.filter((c) => reached.has(c.value.name)));
	part.nodes.push(
		...graph.nodes.filter((n) => n.outputs.some((o) => reached.has(o) && !stops.has(o))),
	);
	part.outputs.push(...outputs);
	return part;
}
