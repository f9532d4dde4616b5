/** @file Transformer blocks and LM head as training jobs of the kernel. */
import * as Learn from '#kernel/assembly/layout/learn.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { KernelRun } from './kernel-run.ts';
import { makeRoom, stridesOf, type Room } from './kernel-room.ts';
import { holding, type Holding, type LearningModel } from './kernel-weights.ts';

/** Activations of one layer for the backward pass, in the order of `kept`. */
export type Trace = readonly Float32Array[];

/** Tables that the backward pass needs. */
const kept = [
	Learn.x,
	Learn.middle,
	Learn.queries,
	Learn.keys,
	Learn.values,
	Learn.gate,
	Learn.up,
] as const;

/** The loss Σ −w · log p + ½ · strength · (reference − log p)² of the targets. */
export interface HeadLoss {
	readonly weights: Float32Array;
	/** Reference and strength of each, none by default. */
	readonly anchors?: Float32Array;
}

export interface KernelBlocks {
	/** Numbers per token in a full trace of one layer. */
	readonly keptNumbers: number;
	/** Allocates the tables of a run, which the calls below use. */
	begin(run: KernelRun): void;
	embed(ids: Int32Array): void;
	/** Current hidden states [tokens, D]. */
	read(): Float32Array;
	write(hidden: Float32Array): void;
	/** Gradient of the hidden states after `backward`, [tokens, D]. */
	readGradient(): Float32Array;
	forward(layer: number): void;
	/** Trace of the layer that just ran forward: its input alone, or all activations if memory allows. */
	trace(all: boolean, into: Trace | undefined): Trace;
	/**
	 * Backward pass of a layer: replaces the gradient of its output by that of its input, and accumulates its factors'
	 * gradients.
	 */
	backward(layer: number, trace: Trace): void;
	/** Log-probabilities of targets at these rows; with a loss also its gradient by their hidden states. */
	head(rows: readonly number[], targets: Int32Array, loss?: HeadLoss): Float32Array;
	/** Zeroes the hidden states' gradients, before the first `head` with weights. */
	clear(): void;
	/** Frees the tables of the last run. */
	release(): void;
}

/** `headRows` limits the rows per run of the head; `own` holds the allocations while this is open. */
export function openKernelBlocks(
	kernel: Kernel,
	spec: ModelSpec,
	model: LearningModel,
	headRows: number,
	own: Holding,
): KernelBlocks {
	const { heap } = kernel;
	const strides = stridesOf(spec);
	const job = own.take(Learn.bytes);
	const words = (): Uint32Array => new Uint32Array(heap.memory.buffer);
	const put = (place: number, value: number): void => {
		words()[(job + place) / 4] = value;
	};
	const get = (place: number): number => words()[(job + place) / 4] ?? 0;
	const numbers = (at: number, count: number): Float32Array =>
		new Float32Array(heap.memory.buffer, at, count);
	const sizes = {
		[Learn.hidden]: spec.hiddenSize,
		[Learn.hiddenStride]: strides.hidden,
		[Learn.heads]: spec.heads,
		[Learn.keyValueHeads]: spec.keyValueHeads,
		[Learn.headSize]: spec.headSize,
		[Learn.queryStride]: strides.query,
		[Learn.keyStride]: strides.key,
		[Learn.inner]: spec.intermediateSize,
		[Learn.innerStride]: strides.inner,
		[Learn.logitsStride]: strides.logits,
		[Learn.finalNorm]: model.finalNorm,
		[Learn.logits]: own.take(4 * (headRows + 4) * strides.logits),
		[Learn.logprobs]: own.take(4 * headRows),
	};
	for (const [place, value] of Object.entries(sizes)) put(Number(place), value);
	numbers(job + Learn.epsilon, 1)[0] = spec.normEpsilon;
	const headIds = own.take(4 * headRows);
	const headWeights = own.take(4 * headRows);
	const headAnchors = own.take(8 * headRows);
	const stride = (place: number): number => strides.of.get(place) ?? 0;

	let room: Room | undefined;
	let tokens = 0;
	const task = (kind: number, count: number): void => {
		put(Learn.task, kind);
		put(Learn.tokens, count);
		kernel.run(job);
	};
	const copy = (place: number, values: Float32Array): void => {
		numbers(get(place), values.length).set(values);
	};
	/** Copies rows without their padding, in either direction. */
	const rows = (place: number, take: (row: Float32Array, i: number) => void): void => {
		for (let i = 0; i < tokens; i++)
			take(numbers(get(place) + 4 * i * strides.hidden, spec.hiddenSize), i);
	};
	const unpadded = (place: number): Float32Array => {
		const all = new Float32Array(tokens * spec.hiddenSize);
		rows(place, (row, i) => {
			all.set(row, i * spec.hiddenSize);
		});
		return all;
	};
	const swap = (): void => {
		const x = get(Learn.x);
		put(Learn.x, get(Learn.y));
		put(Learn.y, x);
	};

	return {
		keptNumbers: kept.reduce((sum, place) => sum + stride(place), 0),
		begin(run) {
			tokens = run.tokens;
			const { longest } = run;
			if (!room || room.tokens < run.rows || room.longest < longest) {
				const most = Math.max(room?.tokens ?? 0, run.rows);
				const far = Math.max(room?.longest ?? 0, longest);
				room?.held.release();
				room = undefined;
				const held = holding(heap);
				try {
					room = makeRoom(kernel, held, spec, model, strides, most, far, put);
				} catch (error) {
					held.release();
					throw error;
				}
			}
			const { sequences } = room;
			run.sequences.forEach(({ start, tokens, prefix, aside }, i) => {
				const fields = [start, tokens, prefix.start, prefix.tokens, aside];
				words().set(fields, (sequences + i * Learn.sequenceBytes) / 4);
			});
			put(Learn.sequences, run.sequences.length);
		},
		embed(ids) {
			words().set(ids, (room?.ids ?? 0) / 4);
			put(Learn.ids, room?.ids ?? 0);
			put(Learn.head, model.embedding);
			task(Learn.taskEmbed, tokens);
		},
		read: () => unpadded(Learn.x),
		readGradient: () => unpadded(Learn.dy),
		write(hidden) {
			rows(Learn.x, (row, i) => {
				row.set(hidden.subarray(i * spec.hiddenSize, (i + 1) * spec.hiddenSize));
			});
		},
		forward(layer) {
			put(Learn.layer, model.layers + layer * Learn.layerBytes);
			task(Learn.taskForward, tokens);
			swap();
		},
		trace(all, into) {
			const copies = (places: readonly number[]): Trace =>
				places.map((place, i) => {
					const count = tokens * stride(place);
					const before = into?.[i];
					const held = before && before.length >= count ? before : new Float32Array(count);
					held.set(numbers(get(place), count));
					return held;
				});
			swap();
			try {
				return copies(all ? kept : kept.slice(0, 1));
			} catch (error) {
				// Out of memory for the full trace: the backward pass recomputes the layer.
				if (!all || !(error instanceof RangeError)) throw error;
				return copies(kept.slice(0, 1));
			} finally {
				swap();
			}
		},
		backward(layer, trace) {
			put(Learn.layer, model.layers + layer * Learn.layerBytes);
			trace.forEach((values, i) => {
				const place = kept[i] ?? Learn.x;
				copy(place, values.subarray(0, tokens * stride(place)));
			});
			if (trace.length === 1) task(Learn.taskForward, tokens);
			task(Learn.taskBackward, tokens);
		},
		clear() {
			numbers(get(Learn.dy), tokens * strides.hidden).fill(0);
		},
		head(chosen, targets, loss) {
			const { x, y, middle, dy } = {
				x: get(Learn.x),
				y: get(Learn.y),
				middle: get(Learn.middle),
				dy: get(Learn.dy),
			};
			const n = strides.hidden;
			chosen.forEach((row, i) => {
				numbers(y + 4 * i * n, n).set(numbers(x + 4 * row * n, n));
			});
			words().set(targets, headIds / 4);
			if (loss) numbers(headWeights, loss.weights.length).set(loss.weights);
			if (loss?.anchors) numbers(headAnchors, loss.anchors.length).set(loss.anchors);
			put(Learn.x, y);
			put(Learn.dy, middle);
			put(Learn.ids, headIds);
			put(Learn.head, model.head);
			put(Learn.weights, loss ? headWeights : 0);
			put(Learn.anchors, loss?.anchors ? headAnchors : 0);
			task(Learn.taskHead, chosen.length);
			put(Learn.x, x);
			put(Learn.dy, dy);
			if (loss)
				chosen.forEach((row, i) => {
					// A row of a shared prefix may have several targets.
					const to = numbers(dy + 4 * row * n, n);
					numbers(middle + 4 * i * n, n).forEach((value, j) => (to[j] = (to[j] ?? 0) + value));
				});
			return numbers(sizes[Learn.logprobs], chosen.length).slice();
		},
		release() {
			room?.held.release();
			room = undefined;
		},
	};
}
