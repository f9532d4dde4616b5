/** @file Reverse-mode differentiation: walks the tape backwards and emits gradient nodes into the same graph. */
import type { Graph } from './graph.ts';
import { add } from './operators/arithmetic.ts';
import { GraphError, sameShape, showShape, type Value } from './value.ts';

/**
 * dL/dx for each of `parameters`, with dL/dy of the outputs in `seeds`. Only paths from a parameter to a seeded output
 * get nodes: frozen weights cost nothing.
 */
export function gradients(
	graph: Graph,
	seeds: ReadonlyMap<Value, Value>,
	parameters: readonly Value[],
): readonly Value[] {
	const needed = new Set<Value>(parameters);
	const tape = [...graph.tape];
	for (const { output, inputs } of tape) if (inputs.some((v) => needed.has(v))) needed.add(output);

	const found = new Map<Value, Value>(seeds);
	for (const { output, inputs, backward } of tape.reverse()) {
		const dy = found.get(output);
		if (!dy || !needed.has(output)) continue;
		const dxs = backward(dy);
		for (const [i, x] of inputs.entries()) {
			const dx = dxs[i];
			if (!dx || !needed.has(x)) continue;
			if (!sameShape(dx.shape, x.shape))
				throw new GraphError(
					`gradient of ${x.name} is ${showShape(dx.shape)}, not ${showShape(x.shape)}`,
				);
			const sum = found.get(x);
			found.set(x, sum ? add(graph, sum, dx) : dx);
		}
	}
	return parameters.map((p) => {
		const gradient = found.get(p);
		if (!gradient) throw new GraphError(`${p.name} does not reach the loss`);
		return gradient;
	});
}
