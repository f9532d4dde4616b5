/**
 * @file Training loop: draw a batch, weight its tokens by the objective, take an optimizer step, repeat. Rounds of a run,
 * lessons in a chat, `tune` and pre-training all use it.
 */
import type { SampleBatch } from './data/pack.ts';
import type { Anchor, StepReport, Trainer } from './trainer.ts';

/** Log-probabilities that an objective may need, computed only if it asks; [B, T-1], nats. */
export interface Ask {
	/** Under the weights before the step. */
	policy(): Promise<Float32Array>;
	/** Under the reference; rejects if there is none. */
	reference(): Promise<Float32Array>;
}

/** Weight of each token of a batch in the step: L = Σ w·(−log p) / normaliser. */
export interface Weighed {
	/** [B, T-1]; 0 on prompt and padding. */
	readonly weights: Float32Array;
	readonly normaliser: number;
	readonly anchor?: Anchor;
	/** For people; `loss` replaces the weighted sum in reports, since its gradient is the objective's but its value is not. */
	readonly metrics: Readonly<Record<string, number>>;
}

/** Turns a batch into token weights whose gradient is that of a loss (see `objectives/`). */
export interface Weigher {
	weigh(batch: SampleBatch, ask: Ask): Promise<Weighed>;
}

/** Length, learning rate and callbacks of a training. */
export interface TrainOptions {
	/** Steps at most; Infinity lets `draw` decide. */
	readonly steps: number;
	/** Learning rate of a step, which counts from 0. */
	readonly learningRate: (step: number) => number;
	readonly signal?: AbortSignal | undefined;
	/** Log-probabilities of the reference over the batch of a step. */
	readonly reference?: (batch: SampleBatch, step: number) => Promise<Float32Array>;
	/** After each step, which counts from 1 here. */
	readonly onStep?: (
		report: StepReport,
		step: number,
		metrics: Weighed['metrics'],
	) => void | Promise<void>;
}

/** Result of a training. */
export interface Trained {
	/** `aborted`: after the last step that was reported; the trainer holds its weights. */
	readonly ended: 'done' | 'aborted';
	/** Loss of each step, before it. */
	readonly losses: readonly number[];
	/** Tokens of all samples trained on, prompts included, padding not. */
	readonly tokens: number;
	readonly durationMs: number;
}

/**
 * Trains on the batches that `draw` gives, once for each step and in order, until it gives null. Resolves when aborted;
 * rejects with `DivergedError` and whatever a step, an objective or `onStep` fails with.
 */
export async function train(
	trainer: Trainer,
	draw: (step: number) => SampleBatch | null,
	objective: Weigher,
	options: TrainOptions,
): Promise<Trained> {
	const { steps, learningRate, signal, reference, onStep } = options;
	const began = performance.now();
	const losses: number[] = [];
	let tokens = 0;
	const result = (ended: Trained['ended']): Trained => ({
		ended,
		losses,
		tokens,
		durationMs: performance.now() - began,
	});
	for (let step = 0; step < steps; step++) {
		if (signal?.aborted) return result('aborted');
		const batch = draw(step);
		if (!batch) break;
		const started = performance.now();
		let report: StepReport;
		let metrics: Weighed['metrics'];
		try {
			const weighed = await objective.weigh(batch, {
				policy: once(() => trainer.logprobs(batch, signal)),
				reference: once(() => reference?.(batch, step) ?? Promise.reject(missingReference())),
			});
			metrics = weighed.metrics;
			const stepped = await trainer.step(weighedBatch(batch, weighed), learningRate(step), signal);
			const durationMs = performance.now() - started;
			report = { ...stepped, durationMs, loss: metrics['loss'] ?? stepped.loss };
		} catch (error) {
			// An aborted step leaves the state unchanged.
			if (signal?.aborted) return result('aborted');
			throw error;
		}
		losses.push(report.loss);
		tokens += batch.samples.reduce((n, sample) => n + sample.tokens.length, 0);
		await onStep?.(report, step + 1, metrics);
	}
	return result('done');
}

const weighedBatch = (
	{ batch, length, tokens }: SampleBatch,
	{ weights, normaliser, anchor }: Weighed,
) => ({ batch, length, tokens, weights, normaliser, ...(anchor && { anchor }) });

/** The same promise at every call. */
function once<T>(compute: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => (made ??= compute());
}

const missingReference = (): Error =>
	new Error('This objective compares with a reference, and none was given; name one in the plan.');
