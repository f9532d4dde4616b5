/**
 * @file tfjs back end: loss and gradient by automatic differentiation of the shared transformer, on WebGPU, wasm or plain
 * JavaScript. tfjs is loaded when a trainer is opened, not before.
 */
import type * as TF from '@tensorflow/tfjs';
import type { Parameters } from '#model/adapter.ts';
import { loraShapes, weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { headName, transformer, type WeightSource } from '#model/transformer.ts';
import { splitByLength } from '../data/pack.ts';
import type { GradientBackend, OpenGradients } from '../gradients.ts';
import { openTfjs, type TfjsOptions, type TfjsRuntime } from './tfjs-backend.ts';
import { tfjsOperators, type TfjsOperators } from './tfjs-operators.ts';
import type { TokenBatch, WeightedBatch } from '../trainer.ts';

/** A way to open gradients on one tfjs back end. */
export const tfjsGradients =
	(options: TfjsOptions): OpenGradients =>
	async (spec, base, parameters) => {
		const runtime = await openTfjs(options);
		const operators = tfjsOperators(runtime.tf, options.linear);
		const gradients = new TfjsGradients(runtime, spec, parameters, operators);
		try {
			await runtime.run(async () => {
				gradients.load(base);
			});
		} catch (error) {
			await gradients.dispose();
			throw error;
		}
		return gradients;
	};

class TfjsGradients implements GradientBackend {
	readonly description: string;
	readonly #runtime: TfjsRuntime;
	readonly #spec: ModelSpec;
	readonly #parameters: Parameters;
	readonly #operators: TfjsOperators;
	readonly #shapes: ReadonlyMap<string, readonly number[]>;
	/** Frozen base weights. */
	readonly #frozen = new Map<string, TF.Tensor>();
	/** One variable for each trained parameter; its values are replaced at every call. */
	readonly #trained = new Map<string, TF.Variable>();

	constructor(
		runtime: TfjsRuntime,
		spec: ModelSpec,
		parameters: Parameters,
		operators: TfjsOperators,
	) {
		this.description = runtime.description;
		this.#runtime = runtime;
		this.#spec = spec;
		this.#parameters = parameters;
		this.#operators = operators;
		this.#shapes = parameters.kind === 'lora' ? loraShapes(spec, parameters) : weightShapes(spec);
	}

	/** Uploads the frozen weights; synchronous, on the current back end. */
	load(base: TensorMap): void {
		const { tf } = this.#runtime;
		for (const [name, shape] of weightShapes(this.#spec)) {
			if (this.#shapes.has(name)) continue;
			const tensor = base.get(name);
			if (!tensor) throw new RangeError(`${name} is missing in the base model.`);
			this.#frozen.set(name, tf.tensor(tensor.data, [...shape]));
		}
		for (const [name, shape] of this.#shapes) {
			const start = tf.zeros([...shape]);
			this.#trained.set(name, tf.variable(start));
			start.dispose();
		}
	}

	readonly split = splitByLength;

	async gradients(
		parameters: TensorMap,
		batch: WeightedBatch,
		signal?: AbortSignal,
	): Promise<{ readonly loss: number; readonly gradients: ReadonlyMap<string, Float32Array> }> {
		await pause(signal);
		const { tf, run } = this.#runtime;
		return run(async () => {
			const { value, grads } = tf.tidy(() => {
				this.#assign(parameters);
				return tf.variableGrads(() => {
					const weights = tf.tensor1d(batch.weights);
					return tf.neg(tf.sum(tf.mul(weights, this.#logprobs(batch))));
				}, [...this.#trained.values()]);
			});
			const names = [...this.#trained].map(
				([name, variable]) => [name, grads[variable.name]] as const,
			);
			try {
				const [[loss = NaN], ...read] = await Promise.all([
					value.data<'float32'>(),
					...names.map(([, gradient]) => gradient?.data<'float32'>()),
				]);
				// A parameter that does not affect the loss has no gradient.
				const gradients = new Map(
					names.map(([name], i) => [name, read[i] ?? this.#zeros(name)] as const),
				);
				return { loss, gradients };
			} finally {
				tf.dispose([value, grads]);
			}
		});
	}

	async logprobs(
		parameters: TensorMap,
		batch: TokenBatch,
		signal?: AbortSignal,
	): Promise<Float32Array> {
		await pause(signal);
		const { tf, run } = this.#runtime;
		return run(async () => {
			const result = tf.tidy(() => {
				this.#assign(parameters);
				return this.#logprobs(batch);
			});
			try {
				return await result.data<'float32'>();
			} finally {
				result.dispose();
			}
		});
	}

	dispose(): Promise<void> {
		for (const t of [...this.#frozen.values(), ...this.#trained.values()]) t.dispose();
		this.#frozen.clear();
		this.#trained.clear();
		this.#operators.dispose();
		return Promise.resolve();
	}

	/** [B·(T−1)] log-probabilities; the last token is only ever a target. */
	#logprobs(batch: TokenBatch): TF.Tensor {
		const { tf } = this.#runtime;
		const spec = this.#spec;
		const tokens = tf.tensor2d(batch.tokens, [batch.batch, batch.length], 'int32');
		const width = batch.length - 1;
		const ids = tf.slice(tokens, [0, 0], [batch.batch, width]);
		const targets = tf.slice(tokens, [0, 1], [batch.batch, width]);
		const source = this.#source();
		const hidden = transformer<TF.Tensor>(spec, ids, source, this.#operators);
		return this.#operators.tokenLogprobs(
			tf.reshape(hidden, [-1, spec.hiddenSize]),
			source.weight(headName(spec)),
			targets,
		);
	}

	#source(): WeightSource<TF.Tensor> {
		const parameters = this.#parameters;
		return {
			weight: (name) => {
				const found = this.#trained.get(name) ?? this.#frozen.get(name);
				if (!found) throw new RangeError(`The model has no weight ${name}.`);
				return found;
			},
			lora: (module) => {
				const a = this.#trained.get(`${module}.lora_A.weight`);
				const b = this.#trained.get(`${module}.lora_B.weight`);
				return a && b && parameters.kind === 'lora'
					? { a, b, scale: parameters.alpha / parameters.rank }
					: undefined;
			},
		};
	}

	#assign(parameters: TensorMap): void {
		for (const [name, variable] of this.#trained) {
			const tensor = parameters.get(name);
			if (!tensor) throw new RangeError(`${name} is missing in the parameters.`);
			variable.assign(this.#runtime.tf.tensor(tensor.data, variable.shape));
		}
	}

	#zeros(name: string): Float32Array {
		return new Float32Array(this.#trained.get(name)?.size ?? 0);
	}
}

/** On wasm and cpu tfjs never yields, so queued aborts are handled here. */
async function pause(signal: AbortSignal | undefined): Promise<void> {
	if (!signal) return;
	await new Promise((resolve) => setTimeout(resolve, 0));
	signal.throwIfAborted();
}
