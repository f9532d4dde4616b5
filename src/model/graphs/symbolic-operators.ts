/**
 * @file `Operators` over graph values: the transformer as differentiable ONNX nodes.
 *
 * Hidden states are kept flat, [N, D] with N = B·T, so that every linear layer is one Gemm; attention
 * alone sees B and T, which it takes from the shape of the token ids.
 */
import type { Graph } from '#graph/graph.ts';
import { add, gatedSilu, rmsNorm } from '#graph/operators/arithmetic.ts';
import { reshape, rotary, transpose } from '#graph/operators/layout.ts';
import { batchedProduct, gemm } from '#graph/operators/linear.ts';
import { softmax } from '#graph/operators/tokens.ts';
import { GraphError, type Value } from '#graph/value.ts';
import type { Operators } from '../operators.ts';
import { floatProducts, type Products } from './products.ts';

export interface SymbolicContext {
	/** Token ids [B, T]. */
	readonly ids: Value;
	/** Added to the attention scores: [1 or B, 1, T, L]; 0 for visible tokens, very negative otherwise. */
	readonly mask: Value;
	/** [T, 1, S/2] or [B, T, 1, S/2]; absent in a model without positions. */
	readonly angles?: { readonly cos: Value; readonly sin: Value } | undefined;
	/** Takes this step's keys and values [B, G, T, S], returns all so far [B, G, L, S]. */
	readonly cache?: (layer: number, k: Value, v: Value) => readonly [k: Value, v: Value];
	/** Products with weights; F32 values by default. */
	readonly products?: Products | undefined;
}

export function symbolicOperators(g: Graph, context: SymbolicContext): Operators<Value> {
	const { ids, mask, angles, cache, products = floatProducts } = context;
	const idsShape = (): Value =>
		g.once(
			`shape of ${ids.name}`,
			() => g.node('Shape', [ids], [{ type: 'int64', shape: [2] }])[0],
		);
	/** [N, K] → [B, T, ...tail]. */
	const unflatten = (x: Value, ...tail: readonly number[]): Value => {
		const target = g.once(
			`${ids.name} by ${tail.join()}`,
			() =>
				g.node(
					'Concat',
					[idsShape(), g.int64(tail)],
					[{ type: 'int64', shape: [2 + tail.length] }],
					{ axis: 0 },
				)[0],
		);
		return reshape(g, x, ['B', 'T', ...tail], target);
	};

	const { norm = rmsNorm, gate: gated = gatedSilu } = products;
	return {
		embed: (table, tokens) => products.rows(g, table, reshape(g, tokens, ['N'])),
		linear: (x, weight, { bias, lora } = {}) => {
			let y = products.product(g, x, weight);
			if (lora) {
				const inner = gemm(g, x, lora.a, { transB: true });
				y = add(g, y, gemm(g, inner, lora.b, { transB: true, alpha: lora.scale }));
			}
			return bias ? add(g, y, bias) : y;
		},
		rmsNorm: (x, weight, epsilon) => norm(g, x, weight, epsilon),
		headNorm: (x, weight, headSize, epsilon) => {
			const heads = Number(x.shape[1]) / headSize;
			const split = reshape(g, x, ['NH', headSize]);
			return reshape(g, norm(g, split, weight, epsilon), ['N', heads * headSize]);
		},
		attention: (q, k, v, { layer, heads: H, keyValueHeads: G, headSize: S, frequencies }) => {
			const turn = (x: Value): Value => {
				if (!frequencies) return x;
				if (!angles) throw new GraphError('a layer with positions needs angles');
				return rotary(g, x, angles.cos, angles.sin);
			};
			const groups = H / G;
			const byGroup = (x: Value): Value =>
				groups === 1
					? transpose(g, x, [0, 2, 1, 3])
					: reshape(g, transpose(g, unflattenHeads(g, x, G, groups, S), [0, 2, 3, 1, 4]), [
							'B',
							G,
							'RT',
							S,
						]);
			const qs = byGroup(turn(unflatten(q, H, S)));
			let ks = transpose(g, turn(unflatten(k, G, S)), [0, 2, 1, 3]);
			let vs = transpose(g, unflatten(v, G, S), [0, 2, 1, 3]);
			if (cache) [ks, vs] = cache(layer, ks, vs);

			let scores = batchedProduct(g, qs, ks, { transB: true, alpha: 1 / Math.sqrt(S) });
			if (groups === 1) scores = add(g, scores, mask);
			else {
				const wide = g.once(
					`wide ${mask.name}`,
					() =>
						g.node(
							'Unsqueeze',
							[mask, g.int64([2])],
							[{ type: 'float32', shape: [...mask.shape.slice(0, 2), 1, ...mask.shape.slice(2)] }],
						)[0],
				);
				const L = scores.shape[3] ?? 'L';
				const split = reshape(g, scores, ['B', G, groups, 'T', L], wideTarget(g, mask, G, groups));
				scores = reshape(g, add(g, split, wide), ['B', G, 'RT', L], narrowTarget(g, mask, G));
			}
			const mixed = batchedProduct(g, softmax(g, scores), vs);
			const back =
				groups === 1
					? transpose(g, mixed, [0, 2, 1, 3])
					: transpose(g, reshape(g, mixed, ['B', G, groups, 'T', S]), [0, 3, 1, 2, 4]);
			return reshape(g, back, ['N', H * S]);
		},
		gatedSilu: (gate, up) => gated(g, gate, up),
		add: (a, b) => add(g, a, b),
	};
}

/** [B, T, H, S] → [B, T, G, R, S]: the R query heads that share a key-value head. */
const unflattenHeads = (g: Graph, x: Value, G: number, R: number, S: number): Value =>
	reshape(g, x, ['B', 'T', G, R, S]);

/** Target [B, G, R, T, L] of the scores: 0 keeps B; T and L come from the mask. */
function wideTarget(g: Graph, mask: Value, G: number, R: number): Value {
	return g.once(`target of ${mask.name}`, () => {
		const [shape] = g.node('Shape', [mask], [{ type: 'int64', shape: [2] }], { start: 2 });
		return g.node('Concat', [g.int64([0, G, R]), shape], [{ type: 'int64', shape: [5] }], {
			axis: 0,
		})[0];
	});
}

/** Target [B, G, R·T, L] of the same, joined again. */
function narrowTarget(g: Graph, mask: Value, G: number): Value {
	return g.once(`narrow target of ${mask.name}`, () => {
		const [last] = g.node('Shape', [mask], [{ type: 'int64', shape: [1] }], { start: 3 });
		return g.node('Concat', [g.int64([0, G, -1]), last], [{ type: 'int64', shape: [4] }], {
			axis: 0,
		})[0];
	});
}
