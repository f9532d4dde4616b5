/** @file How a graph multiplies by its weights, whatever form they are held in. */
import type { Graph } from '#graph/graph.ts';
import { gemm } from '#graph/operators/linear.ts';
import { embed } from '#graph/operators/tokens.ts';
import type { Value } from '#graph/value.ts';

/** The two things that are done with a large weight; where one is held as several tensors, its first stands for all. */
export interface Products {
	/** x [N, I] · weightᵀ → [N, O]. */
	product(g: Graph, x: Value, weight: Value): Value;
	/** Rows of a table by flat ids [N] → [N, D]. */
	rows(g: Graph, table: Value, ids: Value): Value;
	/** x / √(mean(x²) + ε) · weight as one node, where no gradient is asked for. */
	readonly norm?: (g: Graph, x: Value, weight: Value, epsilon: number) => Value;
	/** silu(gate) · up in few nodes, where no gradient is asked for. */
	readonly gate?: (g: Graph, gate: Value, up: Value) => Value;
}

/** Weights that are F32 values of the graph. */
export const floatProducts: Products = {
	product: (g, x, weight) => gemm(g, x, weight, { transB: true }),
	rows: embed,
};
