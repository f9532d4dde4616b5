/** @file Engines and trainers with a cost meter; results are unchanged. */
import type { Engine, Generation, PolicyEngine } from '#engines/engine.ts';
import type { Meter } from '#loop/meter.ts';
import type { World } from '#loop/types.ts';
import type { Trainer, TrainerFactory, WeightedBatch } from '#training/trainer.ts';

/** Parameters of the model at work, and a clock in milliseconds. */
export interface Metering {
	readonly meter: Meter;
	readonly parameters: number;
	now(): number;
}

/** Engine with counted tokens, prompt tokens included if it reports them. */
export function meteredEngine<E extends Engine>(engine: E, metering: Metering): E {
	const { meter, parameters, now } = metering;
	const count = (answers: readonly Generation[], began: number): void => {
		const tokensIn = answers.reduce((sum, one) => sum + (one.promptTokens?.length ?? 0), 0);
		const tokensOut = answers.reduce((sum, one) => sum + one.tokens.length, 0);
		meter.add({
			tokensIn,
			tokensOut,
			flop: 2 * parameters * (tokensIn + tokensOut),
			seconds: (now() - began) / 1000,
		});
	};
	return {
		...engine,
		generate: async (prompts, options) => {
			const began = now();
			const answers = await engine.generate(prompts, options);
			count(answers, began);
			return answers;
		},
		stream: async function* (prompt, options) {
			const began = now();
			const answer = yield* engine.stream(prompt, options);
			count([answer], began);
			return answer;
		},
	} satisfies Pick<PolicyEngine, 'generate' | 'stream'> & E;
}

/** The engines of roles, counted; the size of a model elsewhere is unknown, so that only its tokens count. */
export const meteredRoles = (
	roles: NonNullable<World['roles']>,
	frozen: Engine,
	metering: Metering,
): NonNullable<World['roles']> =>
	Object.fromEntries(
		Object.entries(roles).map(([role, engine]) => [
			role,
			meteredEngine(engine, engine === frozen ? metering : { ...metering, parameters: 0 }),
		]),
	);

/** Trainers whose steps are counted. */
export const meteredTrainer =
	(open: TrainerFactory, { meter, parameters, now }: Metering): TrainerFactory =>
	async (trained, optimizer, options) => {
		const trainer = await open(trained, optimizer, options);
		const perToken = (trained.kind === 'full' ? 6 : 4) * parameters;
		const count = (batches: readonly WeightedBatch[], began: number): void => {
			const tokensTrained = tokensOf(batches);
			const seconds = (now() - began) / 1000;
			meter.add({ tokensTrained, flop: perToken * tokensTrained, seconds });
		};
		const counted: Trainer = {
			description: trainer.description,
			parameters: trainer.parameters,
			logprobs: (batch, signal) => trainer.logprobs(batch, signal),
			step: async (batches, learningRate, signal) => {
				const began = now();
				const report = await trainer.step(batches, learningRate, signal);
				count('tokens' in batches ? [batches] : batches, began);
				return report;
			},
			gradients: async (batch, signal) => {
				const began = now();
				const gradients = await trainer.gradients(batch, signal);
				count([batch], began);
				return gradients;
			},
			adapter: (which) => trainer.adapter(which),
			state: () => trainer.state(),
			restore: (state) => trainer.restore(state),
			dispose: () => trainer.dispose(),
		};
		return counted;
	};

/** Tokens up to the last one that counts, in each row. */
function tokensOf(batches: readonly WeightedBatch[]): number {
	let tokens = 0;
	for (const { batch, length, weights } of batches)
		for (let row = 0; row < batch; row++) {
			const own = weights.subarray(row * (length - 1), (row + 1) * (length - 1));
			tokens += own.findLastIndex((weight) => weight !== 0) + 2;
		}
	return tokens;
}
