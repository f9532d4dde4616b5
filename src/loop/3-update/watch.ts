/** @file Watcher of a training, for people: which examples were in which step, with which weights. It changes nothing. */
import type { Example } from '#loop/example.ts';
import type { SampleBatch } from '#training/data/pack.ts';
import type { Sample } from '#training/data/sample.ts';
import type { Weighed } from '#training/train.ts';

/** An example that was drawn for a batch, with what it gives to it. */
export interface Drawn {
	readonly example: Example;
	/** One; of a pair the chosen and the rejected side. */
	readonly samples: readonly Sample[];
}

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
