/** @file Runs and rows for tests of stores, and where a store under test lives. */
import type { ExperienceRow } from '#runs/stored/row.ts';
import type { RunRecord, Store, StoreErrorCode } from '#storage/runs/store.ts';
import { StoreError } from '#storage/runs/store.ts';
import { expect } from 'vitest';

export interface StorePlace {
	open(): Promise<Store>;
	/** Whether a second `open` finds what the first one kept. */
	readonly lasts: boolean;
	/** Changes a byte of a stored file behind the store's back. */
	damage?(name: string): Promise<void>;
	/** Changes what is stored of a run, behind the store's back; undefined takes its record away. */
	changeRun?(id: string, change: (run: Record<string, unknown>) => unknown): Promise<void>;
	/** Changes a stored row, its seal left as it is. */
	changeRow?(
		id: string,
		change: (row: Record<string, unknown>) => Record<string, unknown>,
	): Promise<void>;
	/** Removes the place. */
	remove(): Promise<void>;
}

export const aRun = (changes: Partial<RunRecord> = {}): RunRecord => ({
	id: 'run-1',
	name: 'A first run',
	recipe: {
		method: 'star',
		environment: 'addition',
		seed: 7,
		rounds: 3,
		knobs: { samples: 4, filter: true, format: 'plain' },
		model: 'adder',
	},
	status: 'running',
	createdAt: 1_000,
	updatedAt: 2_000,
	spentMs: 12,
	version: 1,
	engine: 'wasm, 2 workers',
	trainer: 'onnx, wasm',
	state: { t: 1, phase: 'acquire' },
	scores: [{ t: 0, frontier: 8 }],
	truths: [
		{
			t: 1,
			asked: 9,
			kept: 8,
			correct: 7,
			judged: 8,
			believed: 0.9,
			correctBefore: 7,
			judgedBefore: 9,
		},
	],
	curve: [{ t: 1, step: 0, loss: 0.25, gradientNorm: 1.5 }],
	...changes,
});

export const aRow = (index: number, changes: Partial<ExperienceRow> = {}): ExperienceRow => ({
	runId: 'run-1',
	id: `e${String(index).padStart(6, '0')}`,
	t: 1,
	difficulty: 9,
	stratum: 'equal',
	text: `${index} + 864`,
	answer: String(index + 864),
	expected: String(index + 864),
	verdict: 'correct',
	score: 1,
	fate: 'fresh',
	reason: '',
	rejected: false,
	trainedIn: [],
	payload: { rollouts: [{ completion: `=${index + 864}`, logprob: -0.125 }] },
	...changes,
});

export const rows = (from: number, to: number, changes: Partial<ExperienceRow> = {}) =>
	Array.from({ length: to - from }, (_, i) => aRow(from + i, changes));

/** Expects a StoreError with this code and one sentence that says more than the code. */
export async function expectCode(
	work: Promise<unknown>,
	code: StoreErrorCode,
): Promise<StoreError> {
	const error: unknown = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof StoreError)) throw new Error(`a StoreError was due, got ${String(error)}`);
	expect(error.code, error.message).toBe(code);
	expect(error.message).toMatch(/\S: \S.*\.$/);
	return error;
}
