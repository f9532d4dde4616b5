/**
 * @file Trainer over any gradient back end: gradient accumulation, the chain of optimizer parts, exact checkpoints.
 * Parameters and optimizer state are plain F32 arrays here.
 */
import { createMutex } from '#base/concurrency/mutex.ts';
import { sameParameters, type Adapter, type Parameters } from '#model/adapter.ts';
import { loraShapes, weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { cloneTensors, sizeOf, type Tensor, type TensorMap } from '#model/tensor.ts';
import { anchored } from './anchored.ts';
import { countTokens } from './data/pack.ts';
import type { GradientBackend, OpenGradients } from './gradients.ts';
import { pick, startTensors } from './initialise.ts';
import { globalNorm } from './optimizer/clip.ts';
import { requireFinite } from './optimizer/diverged.ts';
import { optimizer as chainOf } from './optimizer/optimizer.ts';
import { entry, type Memory, type OpenPart } from './optimizer/part.ts';
import {
	defaultOptimizer,
	type LossGradients,
	type OptimizerOptions,
	type ScoredBatch,
	type StepReport,
	type Trainer,
	type TrainerFactory,
	type TrainerState,
	type WeightedBatch,
} from './trainer.ts';
import { isBelowTop, topLayersOf } from './top-layers.ts';

/**
 * Creates trainers over one base model; `backend` comes from `tfjs-gradients.ts`, `onnx-gradients.ts` or
 * `layered-gradients.ts`. `topBackend` is one that goes no deeper than the last so many layers, where only those are trained;
 * over any other the result is the same, and no faster.
 */
export const openGradientTrainer =
	(
		spec: ModelSpec,
		base: TensorMap,
		backend: OpenGradients,
		topBackend?: (topLayers: number) => OpenGradients,
	): TrainerFactory =>
	async (parameters, optimizer, options) => {
		const topLayers = topLayersOf(spec, parameters, options.topShare);
		const open = topLayers < spec.layers ? (topBackend?.(topLayers) ?? backend) : backend;
		const start = startTensors(spec, base, parameters, options);
		return new GradientTrainer(
			spec,
			parameters,
			{ ...defaultOptimizer, ...optimizer },
			start,
			await open(spec, base, parameters),
			topLayers,
		);
	};

/** Sums over the micro-batches of one step, before division. */
interface Accumulated {
	readonly loss: number;
	readonly normaliser: number;
	readonly tokens: number;
	readonly gradients: ReadonlyMap<string, Float32Array>;
}

class GradientTrainer implements Trainer {
	readonly description: string;
	readonly heldBytes?: () => number;
	readonly parameters: Parameters;
	readonly #shapes: ReadonlyMap<string, readonly number[]>;
	readonly #backend: GradientBackend;
	readonly #optimizer: OpenPart;
	readonly #values: Map<string, Tensor>;
	/** Names of those that a step moves. */
	readonly #trained: readonly string[];
	#steps = 0;
	#disposed = false;
	#closing: Promise<void> | undefined;
	/** Mutex of the calls: back ends hold one session, and a step must see consistent weights. */
	readonly #turns = createMutex();

	constructor(
		spec: ModelSpec,
		parameters: Parameters,
		optimizer: OptimizerOptions,
		start: Map<string, Tensor>,
		backend: GradientBackend,
		topLayers: number,
	) {
		this.description = backend.description;
		this.parameters = parameters;
		if (backend.heldBytes) this.heldBytes = backend.heldBytes;
		this.#shapes = parameters.kind === 'lora' ? loraShapes(spec, parameters) : weightShapes(spec);
		this.#backend = backend;
		this.#values = start;
		const isBelow = isBelowTop(spec, topLayers);
		this.#trained = [...this.#shapes.keys()].filter((name) => !isBelow(name));
		this.#optimizer = chainOf(optimizer)(start);
	}

	logprobs(batch: ScoredBatch, signal?: AbortSignal): Promise<Float32Array> {
		return this.#exclusive(() => {
			signal?.throwIfAborted();
			return this.#backend.logprobs(this.#values, batch, signal);
		});
	}

	gradients(batch: WeightedBatch, signal?: AbortSignal): Promise<LossGradients> {
		return this.#exclusive(async () => {
			const sum = await this.#accumulate([batch], signal);
			signal?.throwIfAborted();
			const gradients = new Map<string, Float32Array>();
			for (const [name, shape] of this.#shapes)
				gradients.set(
					name,
					sum.gradients.get(name)?.map((v) => v / sum.normaliser) ??
						new Float32Array(sizeOf(shape)),
				);
			return { loss: sum.loss / sum.normaliser, gradients };
		});
	}

	/**
	 * The gradient is Σ over all batches of ∂Σ w·(−log p), divided by the *sum* of their normalisers: micro-batches
	 * (`splitBatch`) give the step of the whole. Rejects with the signal's reason when aborted, and with `DivergedError`;
	 * either way the state is unchanged.
	 */
	step(
		batches: WeightedBatch | readonly WeightedBatch[],
		learningRate: number,
		signal?: AbortSignal,
	): Promise<StepReport> {
		return this.#exclusive(async () => {
			const began = performance.now();
			if (!Number.isFinite(learningRate) || learningRate < 0)
				throw new RangeError(`The learning rate must be 0 or more, got ${learningRate}.`);
			const sum = await this.#accumulate('tokens' in batches ? [batches] : batches, signal);
			const loss = sum.loss / sum.normaliser;
			const gradientNorm = globalNorm(sum.gradients.values()) / sum.normaliser;
			const step = this.#steps + 1;
			requireFinite(step, loss, gradientNorm);
			signal?.throwIfAborted();
			this.#optimizer.apply({
				...{ step, learningRate, loss, gradientNorm, factor: 1 },
				...{ parameters: this.#moved(), gradients: sum.gradients, normaliser: sum.normaliser },
			});
			this.#steps = step;
			return {
				loss,
				gradientNorm,
				learningRate,
				tokens: sum.tokens,
				durationMs: performance.now() - began,
			};
		});
	}

	adapter(which: 'current' | 'average' = 'current'): Adapter {
		// Off means a decay of 0, and then the average equals the current weights.
		const average = this.#optimizer.memories.find(({ kind }) => kind === which);
		return {
			parameters: this.parameters,
			tensors: cloneTensors(average?.tensors ?? this.#values),
		};
	}

	state(): Promise<TrainerState> {
		return this.#exclusive(() => {
			const tensors = new Map<string, Tensor>();
			for (const { kind, tensors: held } of this.#kinds())
				for (const [name, tensor] of cloneTensors(held)) tensors.set(`${kind}/${name}`, tensor);
			return Promise.resolve({ parameters: this.parameters, steps: this.#steps, tensors });
		});
	}

	restore(state: TrainerState): Promise<void> {
		return this.#exclusive(() => {
			if (!sameParameters(state.parameters, this.parameters))
				throw new RangeError(
					`The state is of ${describe(state.parameters)}; this trainer has ${describe(this.parameters)}. Open one that matches.`,
				);
			if (!Number.isInteger(state.steps) || state.steps < 0)
				throw new RangeError(
					`The state's step count is ${state.steps}; it must be a whole number.`,
				);
			// Everything is validated and copied before any state is replaced.
			const restored = this.#kinds().map(({ kind, tensors, missing }) => {
				const saved = kindOf(state, kind, this.#shapes);
				const source =
					missing === 'parameters' && saved.size === 0
						? kindOf(state, 'parameter', this.#shapes)
						: saved;
				return [tensors, pick(this.#shapes, source, `the state's ${kind}`)] as const;
			});
			// In place: a back end that has run already may hold views of the tensors.
			for (const [map, tensors] of restored)
				for (const [name, tensor] of tensors) {
					const held = map.get(name);
					if (held?.data.length === tensor.data.length) held.data.set(tensor.data);
					else map.set(name, tensor);
				}
			this.#steps = state.steps;
			return Promise.resolve();
		});
	}

	dispose(): Promise<void> {
		return (this.#closing ??= this.#turns(() => {
			this.#disposed = true;
			return this.#backend.dispose();
		}));
	}

	async #accumulate(
		batches: readonly WeightedBatch[],
		signal: AbortSignal | undefined,
	): Promise<Accumulated> {
		let [loss, normaliser, tokens] = [0, 0, 0];
		const gradients = new Map<string, Float32Array>();
		const weighted: WeightedBatch[] = [];
		for (const batch of batches) {
			const taken = await anchored(this.#backend, this.#values, batch, signal);
			weighted.push(taken.batch);
			loss -= taken.added;
		}
		const pieces = weighted.flatMap((batch) => this.#backend.split?.(batch) ?? [batch]);
		for (const batch of pieces) {
			signal?.throwIfAborted();
			const part = await this.#backend.gradients(this.#values, batch, signal);
			loss += part.loss;
			normaliser += batch.normaliser;
			tokens += countTokens(batch);
			for (const name of this.#trained) {
				const gradient = part.gradients.get(name);
				if (!gradient || gradient.length !== this.#values.get(name)?.data.length)
					throw new RangeError(`${this.description} gave no gradient for ${name}.`);
				const sum = gradients.get(name);
				if (sum) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (gradient[i] ?? 0);
				else gradients.set(name, pieces.length > 1 ? gradient.slice() : gradient);
			}
		}
		if (!(normaliser > 0))
			throw new RangeError(`A step's normalisers must add up to more than 0, got ${normaliser}.`);
		return { loss, normaliser, tokens, gradients };
	}

	/** The parameters that a step moves. */
	#moved(): TensorMap {
		return new Map(this.#trained.map((name) => [name, entry(this.#values, name, 'values')]));
	}

	#kinds(): readonly Memory[] {
		const parameters = { kind: 'parameter', tensors: this.#values, missing: 'refused' } as const;
		return [parameters, ...this.#optimizer.memories];
	}

	#exclusive<T>(work: () => Promise<T>): Promise<T> {
		return this.#turns(() => {
			if (this.#disposed) throw new Error('This trainer is disposed; open another.');
			return work();
		});
	}
}

/** The tensors of one kind in a saved state, by parameter. */
const kindOf = (
	state: TrainerState,
	kind: string,
	shapes: ReadonlyMap<string, readonly number[]>,
): TensorMap =>
	new Map(
		[...shapes.keys()].flatMap((name) => {
			const tensor = state.tensors.get(`${kind}/${name}`);
			return tensor ? [[name, tensor] as const] : [];
		}),
	);

const describe = (parameters: Parameters): string =>
	parameters.kind === 'full'
		? 'all weights'
		: `a LoRA of rank ${parameters.rank}, alpha ${parameters.alpha}, targets ${[...parameters.targets].sort().join(' ')}`;
