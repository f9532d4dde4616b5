/**
 * @file The transformer's operators in tfjs, with custom gradients if tfjs has none or a slow one: gather has no gradient
 * on wasm, a broadcast batched matMul throws, and wasm is fast only at plain 2-D matMul.
 *
 * A tensor that is a `Variable` is trained; every other weight is frozen and gets no gradient.
 */
import type * as TF from '@tensorflow/tfjs';
import type { AttentionShape, Operators } from '#model/operators.ts';

/** The library, once it is loaded. */
export type Tfjs = typeof TF;
/** `plain`: one matMul with a transpose flag, differentiated by tfjs; kept for the benchmark. `tuned`: see `linear`. */
export type LinearForm = 'plain' | 'tuned';

/** The operators, and the loss built from them. */
export interface TfjsOperators extends Operators<TF.Tensor> {
	/** log p of the N `targets` (any shape) under softmax(hidden [N, D] · headᵀ), head [V, D] → [N], nats. */
	tokenLogprobs(hidden: TF.Tensor, head: TF.Tensor, targets: TF.Tensor): TF.Tensor;
	/** Frees the cached transposes, masks and rotary tables. */
	dispose(): void;
}

type Backward = (dy: TF.Tensor, saved: TF.Tensor[]) => TF.Tensor[];
const missing = (): never => {
	throw new Error('tfjs gave back fewer saved tensors than were kept.');
};

/** Operators on the back end that is current when they are called. */
export function tfjsOperators(tf: Tfjs, form: LinearForm = 'tuned'): TfjsOperators {
	const transposes = new Map<TF.Tensor, TF.Tensor>();
	const tables = new Map<string, TF.Tensor>();

	/** Cache until `dispose`: few entries, since lengths are padded to multiples of 8. */
	const cached = <K>(cache: Map<K, TF.Tensor>, key: K, make: () => TF.Tensor): TF.Tensor => {
		const found = cache.get(key);
		if (found) return found;
		const made = tf.keep(tf.tidy(make));
		cache.set(key, made);
		return made;
	};

	/** A function of the inputs with its own gradient; `saved` is what the backward pass needs. */
	const withGradient = (
		inputs: TF.Tensor[],
		forward: (keep: (tensors: TF.Tensor[]) => void) => TF.Tensor,
		backward: Backward,
	): TF.Tensor =>
		tf.customGrad((...given) => {
			const save = given.at(-1);
			if (typeof save !== 'function') throw new Error('tfjs.customGrad passed no save function.');
			return { value: forward(save), gradFunc: backward };
		})(...inputs);

	const isTrained = (t: TF.Tensor): boolean => t instanceof tf.Variable;
	const flat = (t: TF.Tensor): TF.Tensor2D => tf.reshape(t, [-1, t.shape.at(-1) ?? 1]);

	/** x [N, I] · weightᵀ → [N, O] with nothing but plain 2-D products, forward and backward. */
	const tunedProduct = (x: TF.Tensor, weight: TF.Tensor): TF.Tensor =>
		isTrained(weight)
			? withGradient(
					[x, weight],
					(save) => {
						save([x, weight]);
						return tf.matMul(x, tf.transpose(weight));
					},
					(dy, [x = missing(), w = missing()]) => [
						tf.matMul(dy, w),
						tf.matMul(tf.transpose(dy), x),
					],
				)
			: withGradient(
					[x],
					() =>
						tf.matMul(
							x,
							cached(transposes, weight, () => tf.transpose(weight)),
						),
					(dy) => [tf.matMul(dy, weight)],
				);
	const product =
		form === 'tuned'
			? tunedProduct
			: (x: TF.Tensor, weight: TF.Tensor): TF.Tensor => tf.matMul(x, weight, false, true);

	const norm = (x: TF.Tensor, weight: TF.Tensor, epsilon: number): TF.Tensor => {
		const rows = x.shape.slice(0, -1).map((_, axis) => axis);
		const trained = isTrained(weight);
		return withGradient(
			trained ? [x, weight] : [x],
			(save) => {
				const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
				const normed = tf.mul(x, inverse);
				save([normed, inverse, weight]);
				return tf.mul(normed, weight);
			},
			(dy, [normed = missing(), inverse = missing(), w = missing()]) => {
				const d = tf.mul(dy, w);
				const dx = tf.mul(inverse, tf.sub(d, tf.mul(normed, tf.mean(tf.mul(d, normed), -1, true))));
				return trained ? [dx, tf.sum(tf.mul(dy, normed), rows)] : [dx];
			},
		);
	};

	/** Softmax(q·kᵀ + mask)·v; q [B, G, R·T, S] (R query heads of a group under one another), k, v [B, G, T, S]. */
	const attend = (q: TF.Tensor, k: TF.Tensor, v: TF.Tensor, mask: TF.Tensor): TF.Tensor =>
		withGradient(
			[q, k, v],
			(save) => {
				const p = tf.softmax(tf.add(tf.matMul(q, k, false, true), mask));
				save([q, k, v, p]);
				return tf.matMul(p, v);
			},
			(dy, [q = missing(), k = missing(), v = missing(), p = missing()]) => {
				const dp = tf.matMul(dy, v, false, true);
				const ds = tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), -1, true)));
				return [tf.matMul(ds, k), tf.matMul(ds, q, true), tf.matMul(p, dy, true)];
			},
		);

	/** "Rotate half" of the last axis by the tables' angles; back is the same with the angle reversed. */
	const rotate = (x: TF.Tensor, cos: TF.Tensor, sin: TF.Tensor): TF.Tensor => {
		const turn = (t: TF.Tensor, sign: 1 | -1): TF.Tensor => {
			const [left, right] = tf.split(t, 2, -1);
			if (!left || !right) throw new Error('Rotary positions need an even head size.');
			const half =
				sign > 0 ? tf.concat([tf.neg(right), left], -1) : tf.concat([right, tf.neg(left)], -1);
			return tf.add(tf.mul(t, cos), tf.mul(half, sin));
		};
		return withGradient(
			[x],
			() => turn(x, 1),
			(dy) => [turn(dy, -1)],
		);
	};

	/** f(angle) [length, S]: both halves of a head rotate at the same frequencies [S/2]. */
	const angles = (length: number, frequencies: readonly number[], f: (angle: number) => number) =>
		tf.tensor2d(
			Float32Array.from({ length: length * 2 * frequencies.length }, (_, i) => {
				const frequency = frequencies[i % frequencies.length] ?? NaN;
				return f(Math.floor(i / (2 * frequencies.length)) * frequency);
			}),
			[length, 2 * frequencies.length],
		);

	const attention = (
		q: TF.Tensor,
		k: TF.Tensor,
		v: TF.Tensor,
		{ heads, keyValueHeads, headSize, frequencies }: AttentionShape,
	): TF.Tensor => {
		const [batch = 1, length = 1] = q.shape;
		const group = heads / keyValueHeads;
		const perHead = (x: TF.Tensor, count: number): TF.Tensor =>
			tf.transpose(tf.reshape(x, [batch, length, count, headSize]), [0, 2, 1, 3]);
		const placed = (x: TF.Tensor): TF.Tensor => {
			if (!frequencies) return x;
			const at = `${frequencies.join()}/${length}`;
			return rotate(
				x,
				cached(tables, `cos ${at}`, () => angles(length, frequencies, Math.cos)),
				cached(tables, `sin ${at}`, () => angles(length, frequencies, Math.sin)),
			);
		};
		// Causal mask: 0 or −1e9; repeated for each query head of a group.
		const mask = cached(tables, `mask ${group}/${length}`, () =>
			tf.tensor2d(
				Float32Array.from({ length: group * length * length }, (_, i) =>
					i % length > Math.floor(i / length) % length ? -1e9 : 0,
				),
				[group * length, length],
			),
		);
		// Query heads that share a key-value head are stacked as rows, so keys are never repeated.
		const stacked = tf.reshape(tf.mul(placed(perHead(q, heads)), 1 / Math.sqrt(headSize)), [
			batch,
			keyValueHeads,
			group * length,
			headSize,
		]);
		const mixed = attend(
			stacked,
			placed(perHead(k, keyValueHeads)),
			perHead(v, keyValueHeads),
			mask,
		);
		return tf.reshape(
			tf.transpose(tf.reshape(mixed, [batch, heads, length, headSize]), [0, 2, 1, 3]),
			[batch, length, heads * headSize],
		);
	};

	// On wasm oneHot returns int32 even if float32 is requested, hence the cast.
	const oneHot = (ids: TF.Tensor, size: number): TF.Tensor =>
		tf.cast(tf.oneHot(tf.reshape(ids, [-1]), size), 'float32');

	return {
		embed(table, ids) {
			if (!isTrained(table)) return tf.gather(table, ids);
			// The one-hot rows are no larger than the logits, which a tied or trained head needs anyway.
			return withGradient(
				[table],
				(save) => {
					save([ids]);
					return tf.gather(table, ids);
				},
				(dy, [ids = missing()]) => [tf.matMul(tf.transpose(oneHot(ids, table.shape[0])), flat(dy))],
			);
		},
		linear(x, weight, { bias, lora } = {}) {
			const rows = flat(x);
			let y = product(rows, weight);
			if (lora) {
				// Scaled at its smallest: [N, r].
				const inner = tf.mul(product(rows, lora.a), lora.scale);
				y = tf.add(y, product(inner, lora.b));
			}
			if (bias) y = tf.add(y, bias);
			return tf.reshape(y, [...x.shape.slice(0, -1), weight.shape[0]]);
		},
		rmsNorm: norm,
		headNorm(x, weight, headSize, epsilon) {
			const [batch = 1, length = 1, width = 1] = x.shape;
			const heads = tf.reshape(x, [batch, length, width / headSize, headSize]);
			return tf.reshape(norm(heads, weight, epsilon), x.shape);
		},
		attention,
		gatedSilu: (gate, up) =>
			withGradient(
				[gate, up],
				(save) => {
					const s = tf.sigmoid(gate);
					save([gate, up, s]);
					return tf.mul(tf.mul(gate, s), up);
				},
				(dy, [g = missing(), u = missing(), s = missing()]) => {
					const slope = tf.mul(s, tf.add(tf.mul(g, tf.sub(1, s)), 1));
					return [tf.mul(tf.mul(dy, u), slope), tf.mul(dy, tf.mul(g, s))];
				},
			),
		add: (a, b) => tf.add(a, b),
		tokenLogprobs(hidden, head, targets) {
			const logits = product(hidden, head);
			return withGradient(
				[logits],
				(save) => {
					const all = tf.logSoftmax(logits);
					const hot = oneHot(targets, head.shape[0]);
					save([all, hot]);
					return tf.sum(tf.mul(all, hot), -1);
				},
				(dy, [all = missing(), hot = missing()]) => [
					tf.mul(tf.expandDims(dy, 1), tf.sub(hot, tf.exp(all))),
				],
			);
		},
		dispose() {
			for (const t of [...transposes.values(), ...tables.values()]) t.dispose();
			transposes.clear();
			tables.clear();
		},
	};
}
