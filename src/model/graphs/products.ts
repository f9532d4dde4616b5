/** @file Products of a graph with its weights, in any weight format. */
import type { Graph } from '#graph/graph.ts';
import { gemm } from '#graph/operators/linear.ts';
import { embed } from '#graph/operators/tokens.ts';
import type { Value } from '#graph/value.ts';

/** The two operations on a large weight; if it is stored as several tensors, the first stands for all. */
export interface Products {
	/** x [N, I] · weightᵀ → [N, O]. */
	product(g: Graph, x: Value, weight: Value): Value;
	/** Rows of a table by flat ids [N] → [N, D]. */
	rows(g: Graph, table: Value, ids: Value): Value;
	/** x / √(mean(x²) + ε) · weight as one node, for graphs without gradient. */
	readonly norm?: (g: Graph, x: Value, weight: Value, epsilon: number) => Value;
	/** silu(gate) · up in few nodes, for graphs without gradient. */
	readonly gate?: (g: Graph, gate: Value, up: Value) => Value;
}

/** Weights that are F32 values of the graph. */
export const floatProducts: Products = {
	product: (g, x, weight) => gemm(g, x, weight, { transB: true }),
	rows: embed,
};
