/** @file The shape of a saved state, and its reading out of data that may be old, torn or hostile. */
import { memoryKinds, type Memory } from '#loop/memory.ts';
import { phases, type Objective, type Phase, type Score } from '#loop/types.ts';
import { isScore } from './read-events.ts';
import { loraTargets, type Parameters } from '#model/adapter.ts';
import { fileOfReference } from '#storage/runs/references.ts';
import { StoreError } from '#storage/runs/store.ts';
import { isRecord } from '#base/is-record.ts';

/** A policy with files in place of weights. */
export interface SavedPolicy {
	readonly id: string;
	/** Name of the base model; empty in states that were saved before it was kept. */
	readonly base: string;
	readonly memory: Memory;
	readonly parents: readonly string[];
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
	/** Only while it is not the policy. */
	readonly incumbent?: SavedPolicy;
	/** Examination of the incumbent. */
	readonly accepted?: Score;
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
		objective: readObjective(objective),
		experience: experience.map((id) => text(id, 'experience')),
		policy: readPolicy(policy),
		...(state['incumbent'] !== undefined && {
			incumbent: readPolicy(record(state['incumbent'], 'incumbent')),
		}),
		...(isScore(state['accepted']) && { accepted: state['accepted'] }),
	};
}

const directions = [
	'improve-performance',
	'adapt-to-feedback',
	'expand-knowledge',
	'enhance-safety',
] as const satisfies readonly Objective['direction'][];

function readObjective(value: Readonly<Record<string, unknown>>): Objective {
	const { protects, why } = value;
	return {
		ability: text(value['ability'], 'ability'),
		direction: directions.find((one) => one === value['direction']) ?? 'improve-performance',
		difficulty: whole(value['difficulty'], 'difficulty'),
		...(Array.isArray(protects) && { protects: protects.map((one) => whole(one, 'protects')) }),
		...(typeof why === 'string' && { why }),
	};
}

/** States of before have no base, memory or parents. */
function readPolicy(policy: Readonly<Record<string, unknown>>): SavedPolicy {
	const parents = policy['parents'];
	return {
		id: text(policy['id'], 'policy id'),
		base: text(policy['base'] ?? '', 'base'),
		memory: readMemory(policy['memory']),
		parents: Array.isArray(parents) ? parents.map((id) => text(id, 'parents')) : [],
		adapter: optional(policy['adapter'], (entry) => ({
			parameters: parameters(entry['parameters']),
			file: file(entry['file']),
		})),
		trainer: optional(policy['trainer'], (entry) => ({
			parameters: parameters(entry['parameters']),
			steps: whole(entry['steps'], 'steps'),
			file: file(entry['file']),
		})),
	};
}

function readMemory(value: unknown): Memory {
	if (value === undefined) return [];
	if (!Array.isArray(value)) throw corrupt('memory');
	return value.map((one: unknown) => {
		const entry = record(one, 'memory');
		const kind = memoryKinds.find((name) => name === entry['kind']);
		if (!kind || !Array.isArray(entry['from'])) throw corrupt('memory');
		return {
			id: text(entry['id'], 'memory'),
			kind,
			text: text(entry['text'], 'memory'),
			t: whole(entry['t'], 'memory'),
			from: entry['from'].map((id) => text(id, 'memory')),
		};
	});
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
