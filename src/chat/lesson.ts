/** @file Lesson: a LoRA trained on rows of text, or on the answers that a person approved of. */
import { trainingKnobs } from '#base/training-knobs.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import type { Message } from '#engines/engine.ts';
import type { TrainingRow } from '#training/data/chat-rows.ts';
import type { WeightedRow } from '#training/data/pack.ts';
import type { StepReport } from '#training/trainer.ts';
import { writeRow } from '#training/data/trl.ts';
import { tune, type Tuned } from '#training/tune.ts';
import { SessionFailure } from '#base/failure.ts';
import type { LearningModel } from '#platform/platform.ts';

/** An answer to learn, and what was said before it. */
export interface ApprovedAnswer {
	readonly conversation: readonly Message[];
	readonly answer: string;
}

export interface TuneOptions {
	readonly steps: number;
	readonly rank: number;
	readonly learningRate: number;
	readonly seed: number;
	/** Longer conversations are cut at the end. */
	readonly maxTokens: number;
}

/** What one lesson is trained with. */
export interface LessonSettings {
	readonly steps: number;
	readonly rank: number;
	/** The LoRA counts alpha / rank times. */
	readonly alpha: number;
	readonly learningRate: number;
	/** Rows in a step. */
	readonly batch: number;
	readonly seed: number;
}

/** What was learnt, of every linear module. */
export interface TunedAdapter extends Tuned {
	readonly adapter: Adapter;
}

/** Is told of each step, which counts from 1. */
type OnStep = (report: StepReport, step: number) => void;

/** Rows as tokens and weights; those that teach nothing within `maxTokens` or the context are left out. */
export function writeRows(
	{ spec, tokenizer, chat }: Pick<LearningModel, 'spec' | 'tokenizer' | 'chat'>,
	rows: readonly TrainingRow[],
	maxTokens: number,
): readonly WeightedRow[] {
	const options = {
		tokenizer,
		maxTokens: Math.min(maxTokens, spec.contextLength),
		startTokens: chat?.startTokens ?? [],
		chat: { template: chat?.template, specialTokens: chat?.specialTokens ?? {} },
	};
	return rows.flatMap((row) => writeRow(row, options) ?? []);
}

/** Trains a LoRA on rows; `undefined` where it was stopped before its first step was done. */
export async function teach(
	{ spec, openTrainer }: Pick<LearningModel, 'spec' | 'openTrainer'>,
	rows: readonly WeightedRow[],
	settings: LessonSettings,
	signal: AbortSignal,
	onStep: OnStep,
): Promise<TunedAdapter | undefined> {
	const { steps, rank, alpha, learningRate, batch, seed } = settings;
	const trainer = await openTrainer(
		{ kind: 'lora', rank, alpha, targets: loraTargets },
		{},
		{ seed },
	);
	try {
		const tuned = await tune(trainer, rows, {
			schedule: { shape: 'constant', peak: learningRate, steps, warmUp: 0 },
			rowsPerStep: batch,
			seed,
			padToken: spec.padToken,
			signal,
			onStep,
		});
		return tuned.losses.length === 0 ? undefined : { ...tuned, adapter: trainer.adapter() };
	} finally {
		await trainer.dispose();
	}
}

/** Rows in one step; a conversation seldom has more. */
const { default: batch } = trainingKnobs.batch;

/** Trains on approved answers; `undefined` where it was stopped before its first step was done. */
export async function tuneOnAnswers(
	model: LearningModel,
	answers: readonly ApprovedAnswer[],
	{ maxTokens, ...options }: TuneOptions,
	signal: AbortSignal,
	onStep: OnStep,
): Promise<TunedAdapter | undefined> {
	const hasTemplate = model.chat?.template !== undefined;
	const rows = writeRows(
		model,
		answers.map((answer) => rowOf(answer, hasTemplate)),
		maxTokens,
	);
	if (rows.length === 0)
		throw new SessionFailure(
			'bad-request',
			answers.length === 0
				? 'There is no answer to learn from; mark at least one as good.'
				: `No marked answer begins within ${Math.min(maxTokens, model.spec.contextLength)} tokens; mark an earlier one.`,
		);
	// The usual scale: twice the rank.
	return teach(model, rows, { ...options, alpha: 2 * options.rank, batch }, signal, onStep);
}

const rowOf = ({ conversation, answer }: ApprovedAnswer, hasTemplate: boolean): TrainingRow =>
	hasTemplate
		? { prompt: conversation, completion: [{ role: 'assistant', content: answer }] }
		: { prompt: conversation.map(({ content }) => content).join(''), completion: answer };
