/** @file Watcher of a training, for people: which examples were in which step, with which weights. It changes nothing. */
import type { SampleBatch } from '#training/data/pack.ts';
import type { Weighed } from '#training/train.ts';
import type { Drawn } from './compose.ts';

/** One optimizer step, before it is taken. */
export interface WatchedStep {
	readonly t: number;
	/** From 1. */
	readonly step: number;
	/** In the order of the batch. */
	readonly drawn: readonly Drawn[];
	readonly batch: SampleBatch;
	readonly weighed: Weighed;
}

export type WatchSteps = (step: WatchedStep) => void;
