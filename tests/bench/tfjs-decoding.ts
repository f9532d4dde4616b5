/** @file Greedy decoding with a key-value cache in tfjs, for comparison only: the shared transformer, attention with a cache. */
import type { AttentionShape } from '#model/operators.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { headName, transformer } from '#model/transformer.ts';
import type { Tfjs } from '#training/tfjs/tfjs-operators.ts';
import { tfjsOperators } from '#training/tfjs/tfjs-operators.ts';
import type { Tensor } from '@tensorflow/tfjs';

/** Tokens per row for `prompts` [B, T] of equal length. Every tensor of a step is freed but the cache. */
export async function decodeWithTfjs(
	tf: Tfjs,
	spec: ModelSpec,
	weights: TensorMap,
	prompts: readonly (readonly number[])[],
	maxTokens: number,
): Promise<number[][]> {
	const batch = prompts.length;
	const ops = tfjsOperators(tf);
	const tensors = new Map(
		[...weights].map(([name, t]) => [name, tf.keep(tf.tensor(t.data, [...t.shape]))]),
	);
	const need = (name: string): Tensor => {
		const found = tensors.get(name);
		if (!found) throw new Error(name);
		return found;
	};
	let cache: Tensor[] = [];
	let seen = 0;
	const turn = (x: Tensor, frequencies: readonly number[]): Tensor => {
		const [, length = 1, , size = 2] = x.shape;
		const angle = (f: (a: number) => number) =>
			tf.tensor(
				Float32Array.from({ length: length * size }, (_, i) =>
					f((seen + Math.floor(i / size)) * (frequencies[(i % size) % (size / 2)] ?? 0)),
				),
				[1, length, 1, size],
			);
		const [a, b] = tf.split(x, 2, -1) as [Tensor, Tensor];
		return tf.add(
			tf.mul(x, angle(Math.cos)),
			tf.mul(tf.concat([tf.neg(b), a], -1), angle(Math.sin)),
		);
	};
	const step = (ids: number[][]): Tensor[] => {
		const length = ids[0]?.length ?? 1;
		const next: Tensor[] = [];
		const attention = (q: Tensor, k: Tensor, v: Tensor, shape: AttentionShape): Tensor => {
			const { layer, heads: H, keyValueHeads: G, headSize: S, frequencies = [] } = shape;
			const split = (x: Tensor, n: number) => tf.reshape(x, [batch, length, n, S]);
			const lay = (x: Tensor) => tf.transpose(x, [0, 2, 1, 3]);
			const join = (old: Tensor | undefined, now: Tensor) => (old ? tf.concat([old, now], 2) : now);
			const ks = join(cache[2 * layer], lay(turn(split(k, G), frequencies)));
			const vs = join(cache[2 * layer + 1], lay(split(v, G)));
			next.push(ks, vs);
			const qs = tf.reshape(lay(turn(split(q, H), frequencies)), [batch, G, (H / G) * length, S]);
			let scores = tf.mul(tf.matMul(qs, ks, false, true), 1 / Math.sqrt(S));
			if (length > 1) {
				const mask = Float32Array.from({ length: length * length }, (_, i) =>
					i % length > Math.floor(i / length) ? -1e9 : 0,
				);
				scores = tf.add(scores, tf.tile(tf.tensor(mask, [length, length]), [H / G, 1]));
			}
			const mixed = tf.reshape(tf.matMul(tf.softmax(scores), vs), [batch, H, length, S]);
			return tf.reshape(lay(mixed), [batch, length, H * S]);
		};
		const source = { weight: need, lora: () => undefined };
		const hidden = transformer(spec, tf.tensor(ids, [batch, length], 'int32'), source, {
			...ops,
			attention,
		});
		const last = tf.reshape(tf.slice(hidden, [0, length - 1, 0], [batch, 1, spec.hiddenSize]), [
			batch,
			spec.hiddenSize,
		]);
		return [tf.argMax(ops.linear(last, need(headName(spec))), -1), ...next];
	};
	const rows = prompts.map((): number[] => []);
	let ids = prompts.map((row) => [...row]);
	for (let made = 0; made < maxTokens; made++) {
		const [best, ...next] = tf.tidy(() => step(ids));
		tf.dispose(cache);
		cache = next;
		seen += ids[0]?.length ?? 0;
		const tokens = best ? await best.data() : [];
		best?.dispose();
		rows.forEach((row, b) => row.push(tokens[b] ?? 0));
		ids = rows.map((row) => row.slice(-1));
	}
	tf.dispose([...cache, ...tensors.values()]);
	ops.dispose();
	return rows;
}
