/** @file A part of a graph as a graph of its own: what some outputs need, from some values on. */
import { Graph } from './graph.ts';
import { GraphError, type Value } from './value.ts';

/**
 * The nodes that compute `outputs`, with `given` as inputs beside those of the graph that are still needed. Nothing
 * in front of a given value is taken over: cut in two at the same values, a graph's halves compute what it does.
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
