/**
 * @file The trainer over any back end that can tell a loss and its gradient: accumulation, clipping, AdamW,
 * the average of the weights, exact saving. Parameters and moments live here, in plain F32 arrays.
 */
import { createMutex } from '#base/mutex.ts';
import { sameParameters, type Adapter, type Parameters } from '#model/adapter.ts';
import { loraShapes, weightShapes, type ModelSpec } from '#model/spec.ts';
import { cloneTensors, sizeOf, zeros, type Tensor, type TensorMap } from '#model/tensor.ts';
import { adamw } from './optimizer/adamw.ts';
import { countTokens } from './data/pack.ts';
import { clipFactor, globalNorm } from './optimizer/clip.ts';
import type { GradientBackend, OpenGradients } from './gradients.ts';
import { pick, startTensors } from './initialise.ts';
import {
	defaultOptimizer,
	DivergedError,
	type OptimizerOptions,
	type StepReport,
	type TokenBatch,
	type Trainer,
	type TrainerFactory,
	type TrainerState,
	type WeightedBatch,
} from './trainer.ts';

/** Past this the square of a gradient no longer fits the F32 second moment. */
const largestNorm = 1e18;

/** Makes trainers over one base model; `backend` comes of `tfjs-gradients.ts`, `onnx-gradients.ts` or `layered-gradients.ts`. */
export const openGradientTrainer =
	(spec: ModelSpec, base: TensorMap, backend: OpenGradients): TrainerFactory =>
	async (parameters, optimizer, options) => {
		const start = startTensors(spec, base, parameters, options);
		return new GradientTrainer(
			spec,
			parameters,
			{ ...defaultOptimizer, ...optimizer },
			start,
			await backend(spec, base, parameters),
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
	readonly parameters: Parameters;
	readonly #shapes: ReadonlyMap<string, readonly number[]>;
	readonly #optimizer: OptimizerOptions;
	readonly #backend: GradientBackend;
	readonly #values: Map<string, Tensor>;
	readonly #first: Map<string, Tensor>;
	readonly #second: Map<string, Tensor>;
	/** Empty when averaging is off. */
	readonly #average: Map<string, Tensor>;
	#steps = 0;
	#disposed = false;
	#closing: Promise<void> | undefined;
	/** Calls run one after another: back ends hold one session, and a step must see whole weights. */
	readonly #turns = createMutex();

	constructor(
		spec: ModelSpec,
		parameters: Parameters,
		optimizer: OptimizerOptions,
		start: Map<string, Tensor>,
		backend: GradientBackend,
	) {
		this.description = backend.description;
		this.parameters = parameters;
		this.#shapes = parameters.kind === 'lora' ? loraShapes(spec, parameters) : weightShapes(spec);
		this.#optimizer = optimizer;
		this.#backend = backend;
		this.#values = start;
		this.#first = new Map([...start].map(([name, t]) => [name, zeros(t.shape)]));
		this.#second = new Map([...start].map(([name, t]) => [name, zeros(t.shape)]));
		this.#average = optimizer.average > 0 ? cloneTensors(start) : new Map<string, Tensor>();
	}

	logprobs(batch: TokenBatch, signal?: AbortSignal): Promise<Float32Array> {
		return this.#exclusive(() => {
			signal?.throwIfAborted();
			return this.#backend.logprobs(this.#values, batch, signal);
		});
	}

	/**
	 * The gradient is Σ over all batches of ∂Σ w·(−log p), divided by the *sum* of their normalisers: pieces of a
	 * batch (`splitBatch`) give the step of the whole. Rejects with the signal's reason when aborted, and with
	 * `DivergedError`; either way nothing has changed.
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
			if (!Number.isFinite(loss) || !(gradientNorm < largestNorm))
				throw new DivergedError(
					`Step ${this.#steps + 1} diverged: loss ${loss}, gradient norm ${gradientNorm}. Lower the learning rate or restore an earlier state.`,
				);
			signal?.throwIfAborted();
			const gradientScale = clipFactor(gradientNorm, this.#optimizer.clip) / sum.normaliser;
			this.#update(sum.gradients, learningRate, gradientScale);
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
		// Off is a decay of 0, and then the average is the current weights.
		const average = which === 'average' && this.#optimizer.average > 0;
		return {
			parameters: this.parameters,
			tensors: cloneTensors(average ? this.#average : this.#values),
		};
	}

	state(): Promise<TrainerState> {
		return this.#exclusive(() => {
			const tensors = new Map<string, Tensor>();
			for (const [kind, map] of this.#kinds())
				for (const [name, tensor] of cloneTensors(map)) tensors.set(`${kind}/${name}`, tensor);
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
			// Everything is checked and copied before anything is taken over.
			const restored = this.#kinds().map(([kind, map]) => {
				const part = new Map(
					[...this.#shapes].flatMap(([name]) => {
						const tensor = state.tensors.get(`${kind}/${name}`);
						return tensor ? [[name, tensor] as const] : [];
					}),
				);
				// A state saved without averaging starts its average at the weights it holds.
				const source =
					kind === 'average' && part.size === 0 ? parametersOf(state, this.#shapes) : part;
				return [map, pick(this.#shapes, source, `the state's ${kind}`)] as const;
			});
			for (const [map, tensors] of restored)
				for (const [name, tensor] of tensors) map.set(name, tensor);
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
		const pieces = batches.flatMap((batch) => this.#backend.split?.(batch) ?? [batch]);
		for (const batch of pieces) {
			signal?.throwIfAborted();
			const part = await this.#backend.gradients(this.#values, batch, signal);
			loss += part.loss;
			normaliser += batch.normaliser;
			tokens += countTokens(batch);
			for (const [name, shape] of this.#shapes) {
				const gradient = part.gradients.get(name);
				if (gradient?.length !== sizeOf(shape))
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

	#update(
		gradients: ReadonlyMap<string, Float32Array>,
		learningRate: number,
		gradientScale: number,
	): void {
		const { average, weightDecay } = this.#optimizer;
		this.#steps += 1;
		for (const [name, { shape, data }] of this.#values) {
			const [gradient, first, second] = [
				gradients.get(name),
				this.#first.get(name)?.data,
				this.#second.get(name)?.data,
			];
			if (!gradient || !first || !second) throw new RangeError(`${name} has no moments.`);
			adamw(data, gradient, first, second, this.#steps, {
				...this.#optimizer,
				learningRate,
				gradientScale,
				// Norm weights and biases are vectors; decay would pull a norm towards silence.
				weightDecay: shape.length > 1 ? weightDecay : 0,
			});
			const mean = this.#average.get(name)?.data;
			if (mean)
				for (let i = 0; i < mean.length; i++)
					mean[i] = average * (mean[i] ?? 0) + (1 - average) * (data[i] ?? 0);
		}
	}

	#kinds(): (readonly [kind: string, tensors: Map<string, Tensor>])[] {
		const kinds: (readonly [string, Map<string, Tensor>])[] = [
			['parameter', this.#values],
			['first', this.#first],
			['second', this.#second],
		];
		return this.#optimizer.average > 0 ? [...kinds, ['average', this.#average]] : kinds;
	}

	#exclusive<T>(work: () => Promise<T>): Promise<T> {
		return this.#turns(() => {
			if (this.#disposed) throw new Error('This trainer is disposed; open another.');
			return work();
		});
	}
}

const parametersOf = (
	state: TrainerState,
	shapes: ReadonlyMap<string, readonly number[]>,
): TensorMap =>
	new Map(
		[...shapes.keys()].flatMap((name) => {
			const tensor = state.tensors.get(`parameter/${name}`);
			return tensor ? [[name, tensor] as const] : [];
		}),
	);

const describe = (parameters: Parameters): string =>
	parameters.kind === 'full'
		? 'all weights'
		: `a LoRA of rank ${parameters.rank}, alpha ${parameters.alpha}, targets ${[...parameters.targets].sort().join(' ')}`;
