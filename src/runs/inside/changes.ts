/**
 * @file Change that a run's adapter makes: how far the weights of each module move, and which tokens of right answers to
 * held-out problems become likelier. Nothing is stored.
 */
import { SessionFailure } from '#base/failure.ts';
import type { Environment } from '#environments/environment.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import { adapterFor, type Policy } from '#loop/policy/policy.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import type { Tensor } from '#model/tensor.ts';
import type { OpenModel } from '#platform/platform.ts';
import { continuationOf, type Sample } from '#training/data/sample.ts';
import { scoreSamples } from '#training/score.ts';
import type { Changes, ModuleChange } from '../stored/changes.ts';

export interface ChangesAsked {
	readonly policy: Policy;
	readonly model: OpenModel;
	readonly environment: Environment;
	readonly seed: number;
	readonly difficulty: number;
	/** Held-out problems. */
	readonly items: number;
}

/** Rejects with `bad-request` before the first update, and where an environment writes no answers to a plain text. */
export async function changesOf(asked: ChangesAsked): Promise<Changes> {
	const { policy, model, environment, seed, difficulty, items } = asked;
	const { answers, reference } = environment;
	const adapter = adapterFor(policy, difficulty);
	if (!adapter)
		throw new SessionFailure(
			'bad-request',
			'This run has not trained yet; let it finish a round first.',
		);
	if (environment.chat || !answers || !reference)
		throw new SessionFailure(
			'bad-request',
			'Only of environments with one right answer in plain text; choose such a run.',
		);
	const [stratum = ''] = environment.tasks.strata;
	const questions = heldOutQuestions(environment, seed, { difficulty, stratum, count: items });
	const rows = questions.flatMap(({ task, view, prompt }) => {
		if (typeof prompt !== 'string') return [];
		const answer = answers.write(task.item, view, reference.solve(task.item));
		const completion = model.tokenizer.encode(answer);
		const sample = continuationOf(model.tokenizer.encode(prompt), completion);
		return [{ task: task.text, completion, sample }];
	});
	if (rows.length === 0) return { modules: moduleChanges(adapter), answers: [] };
	const samples = rows.map(({ sample }) => sample);
	const before = await chancesOf(samples, model, adapter, false, seed);
	const after = await chancesOf(samples, model, adapter, true, seed);
	return {
		modules: moduleChanges(adapter),
		answers: rows.map(({ task, completion }, row) => ({
			task,
			tokens: completion.map((token, i) => ({
				text: model.tokenizer.decode([token]),
				before: before[row]?.[i] ?? NaN,
				after: after[row]?.[i] ?? NaN,
			})),
		})),
	};
}

/** Probability of each token that is trained on, by row; without the adapter's values it is the base model. */
async function chancesOf(
	samples: readonly Sample[],
	model: OpenModel,
	adapter: Adapter,
	isOn: boolean,
	seed: number,
): Promise<readonly (readonly number[])[]> {
	const start = isOn ? { start: adapter } : {};
	const trainer = await model.openTrainer(adapter.parameters, {}, { seed, ...start });
	try {
		const { padToken } = model.tokenizer;
		const scored = await scoreSamples(trainer, samples, { padToken, rowsPerBatch: samples.length });
		return scored.map((logprobs, row) =>
			[...logprobs].filter((_, t) => samples[row]?.mask[t] === 1).map(Math.exp),
		);
	} finally {
		await trainer.dispose();
	}
}

/** Of a LoRA alone: ‖B·A‖² is the sum of the products of the Gram matrices BᵀB and AAᵀ. */
export function moduleChanges({ parameters, tensors }: Adapter): readonly ModuleChange[] {
	if (parameters.kind !== 'lora') return [];
	const scale = parameters.alpha / parameters.rank;
	return loraTargets.flatMap((module): readonly ModuleChange[] => {
		let [squares, weights] = [0, 0];
		for (const [name, a] of tensors) {
			if (!name.endsWith(`.${module}.lora_A.weight`)) continue;
			const b = tensors.get(name.replace('.lora_A.', '.lora_B.'));
			if (!b) continue;
			squares += productOf(a, b);
			weights += (b.shape[0] ?? 0) * (a.shape[1] ?? 0);
		}
		return weights > 0 ? [{ module, change: scale * Math.sqrt(squares / weights) }] : [];
	});
}

/** Sum of the squares of B·A, with A of [r, in] and B of [out, r]. */
function productOf(a: Tensor, b: Tensor): number {
	const [rank = 0, wide = 0] = a.shape;
	const [tall = 0] = b.shape;
	let sum = 0;
	for (let i = 0; i < rank; i++)
		for (let k = 0; k < rank; k++) {
			let [ofA, ofB] = [0, 0];
			for (let x = 0; x < wide; x++)
				ofA += (a.data[i * wide + x] ?? 0) * (a.data[k * wide + x] ?? 0);
			for (let y = 0; y < tall; y++)
				ofB += (b.data[y * rank + i] ?? 0) * (b.data[y * rank + k] ?? 0);
			sum += ofA * ofB;
		}
	return Math.max(0, sum);
}
