/** @file The trainer of a fresh LoRA, as the settings of a training say. */
import { loraTargets } from '#model/adapter.ts';
import type { LearningModel } from '#platform/platform.ts';
import type { Trainer } from '#training/trainer.ts';

export interface LoraSettings {
	readonly rank: number;
	/** The LoRA counts alpha / rank times. */
	readonly alpha: number;
	readonly seed: number;
	/** Share of the layers that is trained, the last ones; default: all. */
	readonly topShare?: number;
}

export const openLoraTrainer = (
	{ openTrainer }: Pick<LearningModel, 'openTrainer'>,
	{ rank, alpha, seed, topShare = 1 }: LoraSettings,
): Promise<Trainer> =>
	openTrainer({ kind: 'lora', rank, alpha, targets: loraTargets }, {}, { seed, topShare });
