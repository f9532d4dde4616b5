/** @file Supervised training over a set of rows: seeded epochs, a schedule, progress; stops at once and says so. */
import { derive, random } from '#base/random.ts';
import { learningRate, type Schedule } from '#base/schedule.ts';
import { padBatch, type WeightedRow } from './data/pack.ts';
import type { StepReport, Trainer } from './trainer.ts';

/** Settings of a supervised run. */
export interface TuneOptions {
	readonly schedule: Schedule;
	readonly rowsPerStep: number;
	/** Which rows meet in which step. */
	readonly seed: number;
	readonly padToken: number;
	readonly signal?: AbortSignal;
	/** After each step, which counts from 1. */
	readonly onStep?: (report: StepReport, step: number) => void;
}

/** What a supervised run came to. */
export interface Tuned {
	/** `aborted`: after the last step that is reported; the trainer holds its weights. */
	readonly ended: 'done' | 'aborted';
	/** Of each step, before it, nats per target token. */
	readonly losses: readonly number[];
	/** Of the rows that were trained on, prompts included, padding not. */
	readonly tokens: number;
	readonly durationMs: number;
}

/** Which rows make each step: every row once per epoch, in an order of its own; a step may span two epochs. */
export function* batchesOf(
	rows: number,
	rowsPerStep: number,
	seed: number,
): Generator<readonly number[], never> {
	if (rows < 1 || rowsPerStep < 1)
		throw new RangeError(`There must be rows to train on, got ${rows} in steps of ${rowsPerStep}.`);
	const all = Array.from({ length: rows }, (_, i) => i);
	let waiting: number[] = [];
	for (let epoch = 0; ;) {
		while (waiting.length < rowsPerStep)
			waiting = [...waiting, ...random(derive(seed, 'tune', epoch++)).shuffle(all)];
		yield waiting.slice(0, rowsPerStep);
		waiting = waiting.slice(rowsPerStep);
	}
}

/** Runs the schedule's steps. Resolves when aborted; rejects with `DivergedError` and what a step may fail with. */
export async function tune(
	trainer: Trainer,
	rows: readonly WeightedRow[],
	options: TuneOptions,
): Promise<Tuned> {
	const { schedule, rowsPerStep, seed, padToken, signal, onStep } = options;
	const began = performance.now();
	const batches = batchesOf(rows.length, Math.min(rowsPerStep, rows.length), seed);
	const losses: number[] = [];
	let tokens = 0;
	const result = (ended: Tuned['ended']): Tuned => ({
		ended,
		losses,
		tokens,
		durationMs: performance.now() - began,
	});
	for (let step = 0; step < schedule.steps; step++) {
		if (signal?.aborted) return result('aborted');
		const chosen = batches.next().value.flatMap((i) => rows[i] ?? []);
		try {
			const batch = padBatch(chosen, { padToken });
			const report = await trainer.step(batch, learningRate(schedule, step), signal);
			losses.push(report.loss);
			tokens += chosen.reduce((n, row) => n + row.tokens.length, 0);
			onStep?.(report, step + 1);
		} catch (error) {
			// An aborted step has changed nothing.
			if (signal?.aborted) return result('aborted');
			throw error;
		}
	}
	return result('done');
}
