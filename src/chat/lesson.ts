/** @file A LoRA trained on the answers that a person approved of. */
import { loraTargets, type Adapter } from '#model/adapter.ts';
import type { Message } from '#engines/engine.ts';
import type { TrainingRow } from '#training/data/chat-rows.ts';
import type { StepReport } from '#training/trainer.ts';
import { writeRow } from '#training/data/trl.ts';
import { supervised } from '#objectives/supervised.ts';
import { epochs } from '#training/data/epochs.ts';
import { train } from '#training/train.ts';
import { SessionFailure } from '#base/failure.ts';
import type { OpenModel } from '#platform/platform.ts';

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

export interface TunedAdapter {
	readonly adapter: Adapter;
	/** Of each step, before it, nats per target token. */
	readonly losses: readonly number[];
	readonly ended: 'done' | 'aborted';
}

/** Rows in one step; a conversation seldom has more. */
const rowsPerStep = 4;

/** Trains; `undefined` where it was stopped before its first step was done. */
export async function tuneOnAnswers(
	model: OpenModel,
	answers: readonly ApprovedAnswer[],
	options: TuneOptions,
	signal: AbortSignal,
	onStep: (report: StepReport, step: number) => void,
): Promise<TunedAdapter | undefined> {
	const { spec, tokenizer, chat } = model;
	const { steps, rank, learningRate, seed } = options;
	const write = {
		tokenizer,
		maxTokens: Math.min(options.maxTokens, spec.contextLength),
		startTokens: chat?.startTokens ?? [],
		chat: { template: chat?.template, specialTokens: chat?.specialTokens ?? {} },
	};
	const hasTemplate = chat?.template !== undefined;
	const rows = answers.flatMap((answer) => writeRow(rowOf(answer, hasTemplate), write) ?? []);
	if (rows.length === 0)
		throw new SessionFailure(
			'bad-request',
			answers.length === 0
				? 'There is no answer to learn from; mark at least one as good.'
				: `No marked answer begins within ${write.maxTokens} tokens; mark an earlier one.`,
		);
	const trainer = await model.openTrainer(
		// The usual scale: twice the rank.
		{ kind: 'lora', rank, alpha: 2 * rank, targets: loraTargets },
		{},
		{ seed },
	);
	try {
		const draw = epochs(rows, { rowsPerStep, seed, padToken: spec.padToken });
		const options = { steps, learningRate: () => learningRate, signal, onStep };
		const { losses, ended } = await train(trainer, draw, supervised, options);
		return losses.length === 0 ? undefined : { adapter: trainer.adapter(), losses, ended };
	} finally {
		await trainer.dispose();
	}
}

const rowOf = ({ conversation, answer }: ApprovedAnswer, hasTemplate: boolean): TrainingRow =>
	hasTemplate
		? { prompt: conversation, completion: [{ role: 'assistant', content: answer }] }
		: { prompt: conversation.map(({ content }) => content).join(''), completion: answer };
