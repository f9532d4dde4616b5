/** @file The trainer of a fresh LoRA, as the settings of a training say. */
import { loraTargets } from '#model/adapter.ts';
import type { LearningModel } from '#platform/platform.ts';
import type { Trainer } from '#training/trainer.ts';
import type { TrainingSettings } from './train-rows.ts';

export const openLoraTrainer = (
	{ spec, openTrainer }: Pick<LearningModel, 'spec' | 'openTrainer'>,
	{
		rank,
		alpha,
		seed,
		topShare = 1,
	}: Pick<TrainingSettings, 'rank' | 'alpha' | 'seed' | 'topShare'>,
): Promise<Trainer> =>
	openTrainer(
		{ kind: 'lora', rank, alpha, targets: loraTargets },
		{},
		{ seed, topLayers: Math.max(1, Math.round(topShare * spec.layers)) },
	);
