/**
 * @file The model in float64, with the weights that the kernel holds and activations in 8 bits by block of 32: what the
 * kernel should compute but for rounding in F32.
 */
import type { Adapter } from '#model/adapter.ts';
import { inverseFrequencies } from '#model/rope.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { headName } from '#model/transformer.ts';

/** A weight by name, row-major. */
export type ReadWeight = (name: string) => ArrayLike<number>;

export type Row = Float64Array;

/** x by block of 32: scale = largest / 127, whole numbers to the nearest, a tie to the even one. */
export function inEightBits(x: ArrayLike<number>): Row {
	const rounded = new Float64Array(x.length);
	for (let from = 0; from < x.length; from += 32) {
		const to = Math.min(x.length, from + 32);
		let largest = 0;
		for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(x[i] ?? 0));
		if (largest === 0) continue;
		for (let i = from; i < to; i++)
			rounded[i] = (nearest(((x[i] ?? 0) * 127) / largest) * largest) / 127;
	}
	return rounded;
}

function nearest(x: number): number {
	const below = Math.floor(x);
	const rest = x - below;
	if (rest !== 0.5) return Math.round(x);
	return below % 2 === 0 ? below : below + 1;
}

/** W x for W [rows, x.length]. */
export function times(weight: ArrayLike<number>, x: ArrayLike<number>): Row {
	const columns = x.length;
	return Float64Array.from({ length: weight.length / columns }, (_, row) => {
		let sum = 0;
		for (let i = 0; i < columns; i++) sum += (weight[row * columns + i] ?? 0) * (x[i] ?? 0);
		return sum;
	});
}

export function normed(x: Row, weight: ArrayLike<number>, epsilon: number): Row {
	const squares = x.reduce((sum, value) => sum + value * value, 0);
	const by = 1 / Math.sqrt(squares / x.length + epsilon);
	return x.map((value, i) => value * by * (weight[i] ?? 0));
}

export const silu = (x: number): number => x / (1 + Math.exp(-x));

/** What a head sees of the tokens before, all unless told, and what it looked at. */
export interface Sight {
	/** Does the token at `to` see the one at `from`, in this layer, with keys and values of this head? */
	sees?(layer: number, keyValueHead: number, to: number, from: number): boolean;
	looked?(layer: number, head: number, position: number, shares: readonly number[]): void;
}

/** softmax(q K / √S) V over [tokens, S]. */
export function attended(
	q: Row,
	keys: readonly Row[],
	values: readonly Row[],
	sees: (token: number) => boolean = () => true,
	looked: (shares: readonly number[]) => void = () => undefined,
): Row {
	const scores = keys.map((key, t) => (sees(t) ? inner(q, key) / Math.sqrt(q.length) : -Infinity));
	const most = Math.max(...scores);
	const shares = scores.map((score) => Math.exp(score - most));
	const total = shares.reduce((sum, share) => sum + share, 0);
	looked(shares.map((share) => share / total));
	return q.map((_, i) =>
		shares.reduce((sum, share, t) => sum + (share / total) * (values[t]?.[i] ?? 0), 0),
	);
}

const inner = (x: Row, y: Row): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);

/** Turns a head at a position. */
export function turned(x: Row, position: number, frequencies: readonly number[]): Row {
	const half = x.length / 2;
	return x.map((value, i) => {
		const angle = position * (frequencies[i % half] ?? 0);
		const other = i < half ? -(x[i + half] ?? 0) : (x[i - half] ?? 0);
		return value * Math.cos(angle) + other * Math.sin(angle);
	});
}

/** Logits [T][V] of a text; `eight` rounds what enters each product. */
export function reference(
	spec: ModelSpec,
	read: ReadWeight,
	tokens: readonly number[],
	adapter: Adapter | null = null,
	eight: (x: Row) => Row = inEightBits,
	{ sees, looked }: Sight = {},
): readonly Row[] {
	const { hiddenSize: D, headSize: S, heads, keyValueHeads, normEpsilon } = spec;
	const frequencies = inverseFrequencies(spec);
	const linear = (module: string, x: Row, bias = false): Row => {
		const y = times(read(`${module}.weight`), eight(x));
		const add = bias ? read(`${module}.bias`) : undefined;
		const a = adapter?.tensors.get(`${module}.lora_A.weight`);
		const b = adapter?.tensors.get(`${module}.lora_B.weight`);
		if (adapter?.parameters.kind !== 'lora' || !a || !b)
			return y.map((v, i) => v + (add?.[i] ?? 0));
		const { alpha, rank } = adapter.parameters;
		const more = times(b.data, times(a.data, x));
		return y.map((v, i) => v + (add?.[i] ?? 0) + ((more[i] ?? 0) * alpha) / rank);
	};
	const heading = (x: Row, norm: string, position: number, rope: boolean): readonly Row[] =>
		Array.from({ length: x.length / S }, (_, h) => {
			const head = x.slice(h * S, (h + 1) * S);
			const even = spec.queryKeyNorm ? normed(head, read(norm), normEpsilon) : head;
			return rope ? turned(even, position, frequencies) : even;
		});
	const embedding = read('model.embed_tokens.weight');
	let rows = tokens.map((id) =>
		Float64Array.from({ length: D }, (_, i) => embedding[id * D + i] ?? 0),
	);
	for (let layer = 0; layer < spec.layers; layer++) {
		const at = `model.layers.${layer}`;
		const self = `${at}.self_attn`;
		const rope = spec.rope[layer] ?? false;
		const keys: Row[][] = [];
		const values: Row[][] = [];
		rows = rows.map((x, position) => {
			const h = normed(x, read(`${at}.input_layernorm.weight`), normEpsilon);
			const q = linear(`${self}.q_proj`, h, spec.attentionBias);
			const k = linear(`${self}.k_proj`, h, spec.attentionBias);
			const v = linear(`${self}.v_proj`, h, spec.attentionBias);
			const queries = heading(q, `${self}.q_norm.weight`, position, rope);
			heading(k, `${self}.k_norm.weight`, position, rope).forEach((key, g) => {
				(keys[g] ??= []).push(key);
				(values[g] ??= []).push(v.slice(g * S, (g + 1) * S));
			});
			const mixed = queries.flatMap((query, head) => {
				const g = Math.floor((head * keyValueHeads) / heads);
				return [
					...attended(
						query,
						keys[g] ?? [],
						values[g] ?? [],
						(t) => sees?.(layer, g, position, t) ?? true,
						(shares) => looked?.(layer, head, position, shares),
					),
				];
			});
			const o = linear(`${self}.o_proj`, Float64Array.from(mixed));
			return x.map((value, i) => value + (o[i] ?? 0));
		});
		rows = rows.map((x) => {
			const h = normed(x, read(`${at}.post_attention_layernorm.weight`), normEpsilon);
			const up = linear(`${at}.mlp.up_proj`, h);
			const gated = linear(`${at}.mlp.gate_proj`, h).map((g, i) => silu(g) * (up[i] ?? 0));
			const down = linear(`${at}.mlp.down_proj`, gated);
			return x.map((value, i) => value + (down[i] ?? 0));
		});
	}
	const head = read(headName(spec));
	return rows.map((x) => times(head, eight(normed(x, read('model.norm.weight'), normEpsilon))));
}
