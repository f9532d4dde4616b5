/** @file The shape of a saved state, and its reading out of data that may be old, torn or hostile. */
import { phases, type Objective, type Phase } from '#loop/types.ts';
import { loraTargets, type Parameters } from '#model/adapter.ts';
import { fileOfReference } from '#storage/runs/references.ts';
import { StoreError } from '#storage/runs/store.ts';
import { isRecord } from '#base/is-record.ts';

/** A policy with files in place of weights. */
export interface SavedPolicy {
	readonly id: string;
	readonly adapter: { readonly parameters: Parameters; readonly file: string } | null;
	readonly trainer: {
		readonly parameters: Parameters;
		readonly steps: number;
		readonly file: string;
	} | null;
}

/** A LoopState as plain data: experience by id (the rows hold it), weights by file. */
export interface SavedState {
	readonly t: number;
	readonly phase: Phase;
	readonly objective: Objective;
	readonly experience: readonly string[];
	readonly policy: SavedPolicy;
}

/** Reads a saved state; fails with a StoreError `corrupt` that says what is wrong. */
export function readSavedState(value: unknown): SavedState {
	const state = record(value, 'state');
	const objective = record(state['objective'], 'objective');
	const policy = record(state['policy'], 'policy');
	const phase = phases.find((p) => p === state['phase']);
	if (!phase) throw corrupt('phase');
	const experience = state['experience'];
	if (!Array.isArray(experience)) throw corrupt('experience');
	return {
		t: whole(state['t'], 't'),
		phase,
		objective: {
			ability: text(objective['ability'], 'ability'),
			direction: 'improve-performance',
			difficulty: whole(objective['difficulty'], 'difficulty'),
		} satisfies Objective,
		experience: experience.map((id) => text(id, 'experience')),
		policy: {
			id: text(policy['id'], 'policy id'),
			adapter: optional(policy['adapter'], (entry) => ({
				parameters: parameters(entry['parameters']),
				file: file(entry['file']),
			})),
			trainer: optional(policy['trainer'], (entry) => ({
				parameters: parameters(entry['parameters']),
				steps: whole(entry['steps'], 'steps'),
				file: file(entry['file']),
			})),
		},
	};
}

const corrupt = (what: string): StoreError =>
	new StoreError(
		'corrupt',
		`The saved state of this run cannot be read (${what}); delete the run or import it again.`,
	);

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
	if (!isRecord(value)) throw corrupt(what);
	return value;
}

function optional<T>(
	value: unknown,
	read: (entry: Readonly<Record<string, unknown>>) => T,
): T | null {
	return value === null ? null : read(record(value, 'weights'));
}

function text(value: unknown, what: string): string {
	if (typeof value !== 'string') throw corrupt(what);
	return value;
}

function whole(value: unknown, what: string): number {
	if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw corrupt(what);
	return value;
}

function file(value: unknown): string {
	if (fileOfReference(value) === undefined) throw corrupt('file');
	return text(value, 'file');
}

function parameters(value: unknown): Parameters {
	const entry = record(value, 'parameters');
	if (entry['kind'] === 'full') return { kind: 'full' };
	const targets = entry['targets'];
	if (entry['kind'] !== 'lora' || !Array.isArray(targets)) throw corrupt('parameters');
	const alpha = entry['alpha'];
	if (typeof alpha !== 'number' || !Number.isFinite(alpha)) throw corrupt('alpha');
	return {
		kind: 'lora',
		rank: whole(entry['rank'], 'rank'),
		alpha,
		targets: loraTargets.filter((target) => targets.includes(target)),
	};
}
