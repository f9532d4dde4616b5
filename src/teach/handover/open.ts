/** @file A hand-over of an open model's training: rows that it learns, and the adapter to go on from. */
import { SessionFailure } from '#base/failure.ts';
import { writeLesson } from '#chat/lesson.ts';
import type { TrainingSettings } from '#chat/train-rows.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import type { LearningModel } from '#platform/platform.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { handOver } from './handover.ts';

export interface HandOverRequest {
	/** For people who get the base model elsewhere. */
	readonly base: string;
	readonly training: readonly TrainingRow[];
	readonly validation: readonly TrainingRow[];
	readonly settings: TrainingSettings;
	readonly maxTokens: number;
	/** To go on from; absent: a fresh one of the same seed as here. */
	readonly adapter?: Adapter | undefined;
}

export async function openHandOver(
	model: Pick<LearningModel, 'spec' | 'tokenizer' | 'chat' | 'openTrainer'>,
	{ adapter, ...request }: HandOverRequest,
): Promise<ReadonlyMap<string, Uint8Array>> {
	const { settings, maxTokens } = request;
	// As here, what teaches nothing within the length is left out.
	const fit = (rows: readonly TrainingRow[]) =>
		rows.filter((row) => writeLesson(model, [row], maxTokens).samples.length > 0);
	const [training, validation] = [fit(request.training), fit(request.validation)];
	if (training.length === 0)
		throw new SessionFailure('bad-request', 'No row is left to learn from; give some data.');
	return handOver({
		...request,
		...{ training, validation, start: adapter ?? (await fresh(model, settings)) },
		settings: {
			...settings,
			...(adapter?.parameters.kind === 'lora' && shapeOf(adapter.parameters)),
		},
		isBegun: adapter !== undefined,
		chat: { template: model.chat?.template, specialTokens: model.chat?.specialTokens ?? {} },
	});
}

/** An adapter keeps its own shape, whatever the settings say. */
const shapeOf = ({ rank, alpha }: { readonly rank: number; readonly alpha: number }) => ({
	rank,
	alpha,
});

async function fresh(
	{ openTrainer }: Pick<LearningModel, 'openTrainer'>,
	{ rank, alpha, seed }: TrainingSettings,
): Promise<Adapter> {
	const parameters = { kind: 'lora', rank, alpha, targets: loraTargets } as const;
	const trainer = await openTrainer(parameters, {}, { seed });
	try {
		return trainer.adapter();
	} finally {
		await trainer.dispose();
	}
}
