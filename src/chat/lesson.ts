/** @file Lesson: a LoRA trained on rows of text, or on the answers that a person approved of. */
import { trainingKnobs } from '#base/training-knobs.ts';
import type { Adapter } from '#model/adapter.ts';
import type { Message } from '#engines/engine.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import type { Sample } from '#training/data/sample.ts';
import { writeRows, type WrittenRows } from '#training/data/write-rows.ts';
import type { Trained } from '#training/train.ts';
import { trainRows, type StepPoint } from './train-rows.ts';
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

/** Training options of one lesson. */
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

/** Trained LoRA of every linear module. */
export interface TunedAdapter extends Trained {
	readonly adapter: Adapter;
}

/** Called after each step. */
type OnStep = (point: StepPoint) => void;

/** Rows as samples of a model; those that teach nothing within `maxTokens` or the context are left out and counted. */
export function writeLesson(
	{ spec, tokenizer, chat }: Pick<LearningModel, 'spec' | 'tokenizer' | 'chat'>,
	rows: readonly TrainingRow[],
	maxTokens: number,
): WrittenRows {
	return writeRows(rows, {
		tokenizer,
		maxTokens: Math.min(maxTokens, spec.contextLength),
		startTokens: chat?.startTokens ?? [],
		chat: { template: chat?.template, specialTokens: chat?.specialTokens ?? {} },
	});
}

/** Trains a LoRA on rows; `undefined` if it was stopped before its first step was done. */
export async function teach(
	model: Pick<LearningModel, 'spec' | 'openTrainer'>,
	rows: readonly Sample[],
	settings: LessonSettings,
	signal: AbortSignal,
	onStep: OnStep,
): Promise<TunedAdapter | undefined> {
	const trained = await trainRows(model, { training: rows, validation: [] }, settings, signal, {
		onStep,
	});
	if (!trained) return undefined;
	const { adapter, points, tokens, durationMs, ended } = trained;
	return {
		adapter,
		losses: points.map(({ loss }) => loss),
		tokens,
		durationMs,
		ended: ended === 'paused' ? 'aborted' : 'done',
	};
}

/** Rows in one step; a conversation seldom has more. */
const { default: batch } = trainingKnobs.batch;

/** Trains on approved answers; `undefined` if it was stopped before its first step was done. */
export async function tuneOnAnswers(
	model: LearningModel,
	answers: readonly ApprovedAnswer[],
	{ maxTokens, ...options }: TuneOptions,
	signal: AbortSignal,
	{
		onStep,
		onNotes,
	}: { readonly onStep: OnStep; readonly onNotes?: (notes: readonly string[]) => void },
): Promise<TunedAdapter | undefined> {
	const hasTemplate = model.chat?.template !== undefined;
	const { samples: rows, notes } = writeLesson(
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
	if (notes.length > 0) onNotes?.(notes);
	// The usual scale: twice the rank.
	return teach(model, rows, { ...options, alpha: 2 * options.rank, batch }, signal, onStep);
}

const rowOf = ({ conversation, answer }: ApprovedAnswer, hasTemplate: boolean): TrainingRow =>
	hasTemplate
		? { prompt: conversation, completion: [{ role: 'assistant', content: answer }] }
		: { prompt: conversation.map(({ content }) => content).join(''), completion: answer };
