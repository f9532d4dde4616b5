/**
 * @file A trainer small enough to follow by hand: one weight per token id counts, by the learning rate, how often
 * it was a target; a momentum and an average make its state worth restoring exactly.
 */
import type { Adapter } from '#model/adapter.ts';
import type { Tensor } from '#model/tensor.ts';
import type {
	OptimizerOptions,
	Trainer,
	TrainerFactory,
	TrainerState,
	WeightedBatch,
} from '#training/trainer.ts';

const size = 64;
const name = 'model.layers.0.mlp.up_proj.lora_A.weight';

/** Everything the trainers of this process were asked, for tests to look at and to clear. */
export const trainerLog: (
	| {
			readonly kind: 'open';
			readonly started: boolean;
			readonly seed: number;
			readonly optimizer: Partial<OptimizerOptions>;
	  }
	| { readonly kind: 'restore' | 'dispose' }
	| { readonly kind: 'step'; readonly batches: readonly WeightedBatch[]; readonly rate: number }
)[] = [];

/** Steps behind an adapter; 0 for the base model. */
export const trainedSteps = (adapter: Adapter | null): number =>
	adapter?.tensors.get('steps')?.data[0] ?? 0;

export const tinyTrainer: TrainerFactory = (parameters, optimizer, { start, seed }) => {
	trainerLog.push({ kind: 'open', started: start !== undefined, seed, optimizer });
	let current = start?.tensors.get(name)?.data.slice() ?? new Float32Array(size).fill(0.01);
	let steps = trainedSteps(start ?? null);
	let momentum = new Float32Array(size);
	let average = current.slice();
	const decay = optimizer.average ?? 0;
	const tensor = (data: Float32Array): Tensor => ({ shape: [1, size], data: data.slice() });
	const stepTensor = (): Tensor => ({ shape: [1], data: Float32Array.of(steps) });
	const trainer: Trainer = {
		description: 'tiny',
		parameters,
		logprobs: (batch) => Promise.resolve(new Float32Array(batch.batch * (batch.length - 1))),
		gradients: () => Promise.reject(new Error('The tiny trainer tells no gradients.')),
		step: (given, learningRate, signal) => {
			signal?.throwIfAborted();
			const batches = 'tokens' in given ? [given] : given;
			trainerLog.push({ kind: 'step', batches, rate: learningRate });
			const gradient = new Float32Array(size);
			let normaliser = 0;
			let tokens = 0;
			for (const batch of batches) {
				normaliser += batch.normaliser;
				for (let b = 0; b < batch.batch; b++)
					for (let t = 1; t < batch.length; t++) {
						const weight = batch.weights[b * (batch.length - 1) + t - 1] ?? 0;
						const id = batch.tokens[b * batch.length + t] ?? 0;
						gradient[id] = (gradient[id] ?? 0) + weight;
						tokens += Number(weight !== 0);
					}
			}
			for (let i = 0; i < size; i++) {
				momentum[i] = 0.9 * (momentum[i] ?? 0) + (gradient[i] ?? 0) / normaliser;
				current[i] = (current[i] ?? 0) + learningRate * (momentum[i] ?? 0);
				average[i] = decay * (average[i] ?? 0) + (1 - decay) * (current[i] ?? 0);
			}
			steps++;
			return Promise.resolve({
				loss: 1 / steps,
				gradientNorm: Math.hypot(...gradient) / normaliser,
				learningRate,
				tokens,
				durationMs: 0,
			});
		},
		adapter: (which = 'current') => ({
			parameters,
			tensors: new Map([
				[name, tensor(which === 'average' && decay > 0 ? average : current)],
				['steps', stepTensor()],
			]),
		}),
		state: () =>
			Promise.resolve({
				parameters,
				steps,
				tensors: new Map([
					[`parameter/${name}`, tensor(current)],
					['parameter/steps', stepTensor()],
					[`first/${name}`, tensor(momentum)],
					[`average/${name}`, tensor(average)],
				]),
			}),
		restore: (state: TrainerState) => {
			trainerLog.push({ kind: 'restore' });
			const part = (kind: string) => state.tensors.get(`${kind}/${name}`)?.data.slice();
			current = part('parameter') ?? current;
			momentum = part('first') ?? momentum;
			average = part('average') ?? average;
			steps = state.steps;
			return Promise.resolve();
		},
		dispose: () => {
			trainerLog.push({ kind: 'dispose' });
			return Promise.resolve();
		},
	};
	return Promise.resolve(trainer);
};
