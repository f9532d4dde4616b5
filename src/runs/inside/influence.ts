/**
 * @file Influence of one example: an optimizer step with it and one without it, from the same state of the same run, and
 * what they change. Nothing is stored.
 *
 * Leave-one-out retraining (Koh & Liang 2017, arXiv 1703.04730, section 2) of a single step: the batch is the example with
 * kept ones of its own round, the learning rate is the run's.
 */
import { derive, random } from '#base/random.ts';
import { samplesOf } from '#loop/3-update/compose.ts';
import type { TrainPlan } from '#loop/plan.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import { createMeter } from '#loop/meter.ts';
import type { Question } from '#loop/rollout/ask.ts';
import type { Environment } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import type { Policy } from '#loop/policy/policy.ts';
import type { Experience, World } from '#loop/types.ts';
import type { Adapter } from '#model/adapter.ts';
import { supervise } from '#objectives/supervised.ts';
import type { OpenModel } from '#platform/platform.ts';
import { renderOf } from '#platform/render.ts';
import { SessionFailure } from '#base/failure.ts';
import { pack } from '#training/data/pack.ts';
import type { Sample } from '#training/data/sample.ts';
import type { Trainer } from '#training/trainer.ts';
import { meanLoss, rowLosses } from '#training/validate.ts';
import { greedyAnswer } from './greedy-answer.ts';

export interface InfluenceAsked {
	readonly experience: Experience;
	/** Kept experience of the same round, in a fixed order. */
	readonly others: readonly Experience[];
	readonly policy: Policy;
	readonly environment: Environment;
	readonly model: OpenModel;
	readonly seed: number;
	/** Of the run: peak of the learning rate, and examples in a batch. */
	readonly learningRate: number;
	readonly batch: number;
	/** Held-out items that are asked. */
	readonly items: number;
	readonly signal: AbortSignal;
	readonly onProgress: (done: number, total: number) => void;
}

/** Mean loss, nats a token: before any step, after a step without the example, and after one with it. */
export interface Losses {
	readonly before: number;
	readonly without: number;
	readonly with: number;
}

/** A held-out item whose answer is another with the example than without it. */
export interface ChangedAnswer {
	readonly task: string;
	readonly without: string;
	readonly with: string;
	/** Right, or null if nobody can tell. */
	readonly rightWithout: boolean | null;
	readonly rightWith: boolean | null;
}

export interface Influence {
	/** Examples in the step with it. */
	readonly batch: number;
	readonly learningRate: number;
	readonly own: Losses;
	/** Examples of its own size and kind that were in neither step; null if the round kept no other. */
	readonly neighbours: (Losses & { readonly n: number }) | null;
	/** Held-out items of its size and kind. */
	readonly n: number;
	readonly right: { readonly before: number; readonly without: number; readonly with: number };
	readonly changed: readonly ChangedAnswer[];
}

/** Neighbours whose loss is measured, at most. */
const mostNeighbours = 16;
/** Progress of one step and of a measurement of losses, in answers. */
const stepWork = 4;

/** Rejects with `bad-request` if the experience gave no example, and with the signal's reason when aborted. */
export async function influenceOf(asked: InfluenceAsked): Promise<Influence> {
	const { experience, environment, model, policy, seed, signal, onProgress } = asked;
	const stream = random(derive(seed, 'influence', experience.id));
	const [own] = examplesOf(experience);
	if (!own)
		throw new SessionFailure(
			'bad-request',
			'It gave nothing to train on; choose an experience that was kept.',
		);
	const kin = stream.shuffle(asked.others.filter(({ id }) => id !== experience.id));
	const isKind = ({ task }: Experience): boolean =>
		task.difficulty === experience.task.difficulty && task.stratum === experience.task.stratum;
	const near = kin.filter(isKind).slice(0, mostNeighbours);
	const rest = kin.filter((one) => !near.includes(one)).slice(0, Math.max(1, asked.batch - 1));
	const world = worldOf(asked);
	const sampled = (examples: readonly Example[]): readonly Sample[] =>
		examples.flatMap((one) => samplesOf(one, supervisedPlan, world, stream).slice(0, 1));
	const ownSample = sampled([own]);
	const restSamples = sampled(rest.flatMap((one) => examplesOf(one).slice(0, 1)));
	const nearSamples = sampled(near.flatMap((one) => examplesOf(one).slice(0, 1)));
	const { difficulty, stratum } = experience.task;
	const questions = heldOutQuestions(environment, seed, {
		difficulty,
		stratum,
		count: asked.items,
	});
	let done = 0;
	const total = 3 * (questions.length + stepWork);
	const worked = (n: number): void => {
		signal.throwIfAborted();
		onProgress((done += n), total);
	};
	worked(0);
	const padToken = model.tokenizer.padToken;
	const trainer = await openAt(policy, model, seed);
	try {
		const start = await trainer.state();
		const look = async (): Promise<Look> => {
			const losses = await lossesOf(trainer, [ownSample, nearSamples], padToken, signal);
			worked(stepWork);
			const answers: Answered[] = [];
			for (const question of questions) {
				answers.push(await answerTo(question, environment, model, trainer.adapter(), signal));
				worked(1);
			}
			return { losses, answers };
		};
		const step = async (samples: readonly Sample[]): Promise<void> => {
			await trainer.restore(start);
			if (samples.length === 0) return;
			const packed = pack(samples, { padToken });
			await trainer.step({ ...packed, ...supervise(packed) }, asked.learningRate, signal);
		};
		const before = await look();
		await step(restSamples);
		const without = await look();
		await step([...ownSample, ...restSamples]);
		const having = await look();
		const at = (i: number): Losses => ({
			before: before.losses[i] ?? NaN,
			without: without.losses[i] ?? NaN,
			with: having.losses[i] ?? NaN,
		});
		return {
			batch: restSamples.length + 1,
			learningRate: asked.learningRate,
			own: at(0),
			neighbours: near.length > 0 ? { ...at(1), n: nearSamples.length } : null,
			n: questions.length,
			right: {
				before: rightOf(before.answers),
				without: rightOf(without.answers),
				with: rightOf(having.answers),
			},
			changed: changedIn(questions, without.answers, having.answers),
		};
	} finally {
		await trainer.dispose();
	}
}

interface Answered {
	readonly said: string;
	readonly right: boolean | null;
}

interface Look {
	readonly losses: readonly number[];
	readonly answers: readonly Answered[];
}

const supervisedPlan: Pick<TrainPlan, 'objective'> = { objective: { name: 'supervised' } };

const examplesOf = ({ fate }: Experience): readonly Example[] =>
	fate.kind === 'kept' ? fate.examples : [];

const rightOf = (answers: readonly Answered[]): number =>
	answers.filter(({ right }) => right === true).length;

const changedIn = (
	questions: readonly Question[],
	without: readonly Answered[],
	having: readonly Answered[],
): readonly ChangedAnswer[] =>
	questions.flatMap(({ task }, i) => {
		const [a, b] = [without[i], having[i]];
		if (!a || !b || a.said === b.said) return [];
		const rights = { rightWithout: a.right, rightWith: b.right };
		return [{ task: task.text, without: a.said, with: b.said, ...rights }];
	});

/** A trainer where the run stands: with its moments, if it has some. */
async function openAt(policy: Policy, model: OpenModel, seed: number): Promise<Trainer> {
	const state = policy.trainer;
	const parameters = state?.parameters ?? policy.adapter?.parameters;
	if (!parameters)
		throw new SessionFailure(
			'bad-request',
			'This run has not trained yet; let it finish a round first.',
		);
	if (!state)
		return model.openTrainer(
			parameters,
			{},
			{ seed, ...(policy.adapter && { start: policy.adapter }) },
		);
	const trainer = await model.openTrainer(parameters, {}, { seed });
	try {
		await trainer.restore(state);
		return trainer;
	} catch (error) {
		await trainer.dispose();
		throw error;
	}
}

/** Mean loss of each set, nats a token; NaN of an empty one. */
async function lossesOf(
	trainer: Trainer,
	sets: readonly (readonly Sample[])[],
	padToken: number,
	signal: AbortSignal,
): Promise<readonly number[]> {
	const means: number[] = [];
	for (const samples of sets) {
		const options = { padToken, rowsPerBatch: Math.max(1, samples.length), signal };
		const losses = await rowLosses(trainer, samples, options);
		means.push(losses.length > 0 ? meanLoss(losses) : NaN);
	}
	return means;
}

async function answerTo(
	{ task: { item }, view }: Question,
	environment: Environment,
	{ engine }: OpenModel,
	adapter: Adapter,
	signal: AbortSignal,
): Promise<Answered> {
	const given = await greedyAnswer(environment, { item, view }, engine, adapter, signal);
	signal.throwIfAborted();
	return { said: given.answer ?? given.completion, right: given.correct };
}

const worldOf = ({ environment, model, seed, signal }: InfluenceAsked): World => ({
	seed,
	engine: model.engine,
	openTrainer: model.openTrainer,
	tokenizer: model.tokenizer,
	...renderOf(model),
	environment,
	meter: createMeter(),
	past: () => Promise.resolve([]),
	signal,
	report: () => undefined,
});
