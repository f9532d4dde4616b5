/**
 * @file Layer back end on the kernel: rows of a shard are packed without padding. Hidden states and gradient sums are in
 * the kernel's memory, so one pass runs at a time.
 */
import { announceWork } from '#base/concurrency/heartbeat.ts';
import { yieldToEventLoop } from '#base/concurrency/yield-to-event-loop.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { parameterCount } from '#model/spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import {
	inPieces,
	type LayerBackend,
	type Layers,
	type LayerSettings,
	type Lora,
	type PassInput,
} from '../layered/layer-backend.ts';
import { openKernelBlocks, type Trace } from './kernel-blocks.ts';
import { runOf, type KernelRun } from './kernel-run.ts';
import {
	clearGradients,
	holding,
	loadLearningModel,
	readGradients,
	writeFactors,
} from './kernel-weights.ts';

const mostKeptBytes = 768 * 2 ** 20;

/** Reads all frozen weights into the kernel's memory; frees everything on failure. */
export async function openKernelLayers(
	kernel: Kernel,
	spec: ModelSpec,
	weights: WeightStore,
	lora: Lora,
	{ activations, topLayers, tokensPerRun, headRows, sharesPrefixes, signal: stop }: LayerSettings,
): Promise<LayerBackend> {
	const { heap } = kernel;
	const held = holding(heap);
	const open = async () => {
		const model = await loadLearningModel(kernel, spec, weights, lora, held, stop);
		return { model, blocks: openKernelBlocks(kernel, spec, model, headRows, held) };
	};
	const { model, blocks } = await open().catch((error: unknown) => {
		held.release();
		throw error;
	});
	/** Trace buffers by layer, reused in the next step. */
	const traces: Trace[] = [];

	const layerWeights = parameterCount(spec) / spec.layers;
	const size = spec.hiddenSize;
	const headWeights = spec.vocabularySize * size;
	let tokens = 0;
	/**
	 * Yields to the event loop before a job through so many weights for each of its tokens: a job blocks this thread, and
	 * messages are handled between two of them.
	 */
	const turn = async (
		signal?: AbortSignal,
		weights = layerWeights,
		rows = tokens,
	): Promise<void> => {
		await yieldToEventLoop();
		signal?.throwIfAborted();
		// At most: a forward pass, again in the backward pass, and the gradients of what goes in.
		announceWork(6 * weights * rows);
	};
	const beginRun = (rows: readonly Int32Array[], shared = sharesPrefixes ?? true): KernelRun => {
		const run = runOf(rows, shared);
		blocks.begin(run);
		tokens = run.tokens;
		return run;
	};
	const embed = async (
		rows: readonly Int32Array[],
		signal?: AbortSignal,
		shared?: boolean,
	): Promise<KernelRun> => {
		await turn(signal);
		const run = beginRun(rows, shared);
		const ids = new Int32Array(run.tokens);
		rows.forEach((row, i) => {
			row.forEach((id, t) => (ids[run.places[i]?.[t] ?? 0] = id));
		});
		blocks.embed(ids);
		return run;
	};
	const put = (rows: readonly Int32Array[], states: readonly Float32Array[]): KernelRun => {
		const run = beginRun(rows);
		const hidden = new Float32Array(run.tokens * size);
		states.forEach((state, i) => {
			run.places[i]?.forEach((place, t) => {
				hidden.set(state.subarray(t * size, (t + 1) * size), place * size);
			});
		});
		blocks.write(hidden);
		return run;
	};
	/** Hidden states, or their gradients, of each row of a run. */
	const byRow = ({ places }: KernelRun, all: Float32Array): Float32Array[] =>
		places.map((row) => {
			const own = new Float32Array(row.length * size);
			row.forEach((place, t) => {
				own.set(all.subarray(place * size, (place + 1) * size), t * size);
			});
			return own;
		});
	/** Forward pass through layers without backward pass. */
	const through = async ({ from, to }: Layers, signal?: AbortSignal): Promise<void> => {
		for (let layer = from; layer < to; layer++) {
			await turn(signal);
			blocks.forward(layer);
		}
	};
	/** Runs the LM head on weighted rows in chunks of `headRows`. */
	const throughHead = async (
		rows: readonly HeadRow[],
		take: (row: HeadRow, logprob: number) => void,
		weigh: boolean,
		signal?: AbortSignal,
	): Promise<void> => {
		for (const some of inPieces(rows, headRows)) {
			await turn(signal, headWeights, some.length);
			const logprobs = blocks.head(
				some.map(({ row }) => row),
				Int32Array.from(some, ({ target }) => target),
				weigh
					? {
							weights: Float32Array.from(some, ({ weight }) => weight),
							anchors: Float32Array.from(some.flatMap(({ reference, held }) => [reference, held])),
						}
					: undefined,
			);
			some.forEach((row, i) => {
				take(row, logprobs[i] ?? NaN);
			});
		}
	};

	return {
		description: `${kernel.description}, layer by layer`,
		takesAnchors: true,
		workers: 1,
		begin(factors, learning, from) {
			writeFactors(heap, model, lora, factors, from);
			if (learning) clearGradients(heap, model, spec.layers - topLayers);
		},
		pass(input) {
			const { rows } = input;
			let run: KernelRun | undefined;
			let targets: readonly HeadRow[] = [];
			return {
				async enter(states, signal) {
					run = states ? put(rows, states) : await embed(rows, signal);
					targets = headRowsOf(input, run);
				},
				async forward(layers, learning, signal) {
					if (!learning) return through(layers, signal);
					const keep = activations
						? activations === 'kept'
						: 4 * tokens * blocks.keptNumbers * topLayers <= mostKeptBytes;
					for (let layer = layers.from; layer < layers.to; layer++) {
						await turn(signal);
						blocks.forward(layer);
						traces[layer] = blocks.trace(keep, traces[layer]);
					}
				},
				async loss(signal) {
					const losses: number[] = [];
					blocks.clear();
					const counted = targets.filter(({ weight, held }) => weight !== 0 || held !== 0);
					const take = ({ weight }: HeadRow, logprob: number) => losses.push(-weight * logprob);
					await throughHead(counted, take, true, signal);
					return losses;
				},
				async backward({ from, to }, signal) {
					for (let layer = to - 1; layer >= from; layer--) {
						await turn(signal);
						blocks.backward(layer, traces[layer] ?? []);
					}
				},
				inputGradients: () => (run ? byRow(run, blocks.readGradient()) : []),
				// The kernel has accumulated them already.
				add: () => undefined,
				async logprobs(signal) {
					const all = new Float32Array(targets.length);
					const asked = input.batch.weights
						? targets.filter(({ weight }) => weight !== 0)
						: targets;
					const take = ({ at }: HeadRow, logprob: number) => (all[at] = logprob);
					await throughHead(asked, take, false, signal);
					let end = 0;
					return rows.map(({ length }) => all.subarray((end += length) - length, end));
				},
			};
		},
		/** As many rows per run as fit. */
		async states(rows, layers, signal) {
			const states: Float32Array[] = [];
			for (const some of runsOf(rows, tokensPerRun)) {
				const run = await embed(some, signal);
				await through(layers, signal);
				states.push(...byRow(run, blocks.read()));
			}
			return states;
		},
		async embeddings(ids, signal) {
			const all = new Float32Array(ids.length * spec.hiddenSize);
			for (let from = 0; from < ids.length; from += tokensPerRun) {
				// Sequences of one token each: no scratch for attention over all of them.
				const rows = Array.from(ids.subarray(from, from + tokensPerRun), (id) => Int32Array.of(id));
				await embed(rows, signal, false);
				all.set(blocks.read(), from * spec.hiddenSize);
			}
			return all;
		},
		heldBytes: () =>
			heap.memory.buffer.byteLength +
			traces.flat().reduce((sum, { byteLength }) => sum + byteLength, 0),
		gradients: ({ from }) => readGradients(heap, model, lora, from),
		release() {
			traces.length = 0;
			blocks.release();
			held.release();
			return Promise.resolve();
		},
	};
}

/** A target token, the token row of the run that predicts it, and its place among all targets. */
interface HeadRow {
	readonly at: number;
	readonly row: number;
	readonly target: number;
	readonly weight: number;
	/** Log-probability that it is held to, nats, and how strongly. */
	readonly reference: number;
	readonly held: number;
}

/** Targets of a shard, row by row. */
function headRowsOf({ batch, shard }: PassInput, { places }: KernelRun): readonly HeadRow[] {
	const targets: HeadRow[] = [];
	places.forEach((tokens, i) => {
		const row = shard.rows[i] ?? 0;
		tokens.forEach((place, t) => {
			const target = batch.tokens[row * batch.length + t + 1] ?? 0;
			const cell = row * (batch.length - 1) + t;
			targets.push({
				...{ at: targets.length, row: place, target },
				weight: batch.weights?.[cell] ?? 0,
				reference: batch.anchor?.reference[cell] ?? 0,
				held: batch.anchor?.strength[cell] ?? 0,
			});
		});
	});
	return targets;
}

/** Groups of at most `tokens` tokens, in order; a longer row is alone. */
function* runsOf(
	rows: readonly Int32Array[],
	tokens: number,
): Generator<readonly Int32Array[], void> {
	let run: Int32Array[] = [];
	let held = 0;
	for (const row of rows) {
		if (run.length > 0 && held + row.length > tokens) {
			yield run;
			[run, held] = [[], 0];
		}
		run.push(row);
		held += row.length;
	}
	if (run.length > 0) yield run;
}
