/** @file Every stored type has one schema, and the two say the same. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as v from 'valibot';
import { completionOf, meanLogprob, promptOf, saidTokens } from '#loop/rollout/rollout.ts';
import type { Experience, Score, ScoreCell } from '#loop/types.ts';
import { experienceSchema, fateKinds, readExperience } from '#runs/stored/experience.ts';
import { eventSchema, readEvent } from '#runs/stored/events.ts';
import { listedRow, readRow } from '#runs/stored/row.ts';
import { isScore } from '#runs/stored/score.ts';
import {
	readSavedState,
	savedStateOf,
	savedStateSchema,
	type SavedPolicy,
	type SavedState,
	type savedPolicySchema,
} from '#runs/stored/saved-state.ts';
import type { scoreCellSchema, scoreSchema } from '#runs/stored/score.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { Manifest, manifestSchema } from '#storage/archive/manifest.ts';
import type {
	ListedFile,
	Manifest as LibraryManifest,
	manifestSchema as librarySchema,
} from '#storage/library/manifest.ts';
import type { CurvePoint, RunRecipe, RunRecord, TruthRow } from '#storage/runs/store.ts';
import type {
	curvePointSchema,
	recipeSchema,
	runSchema,
	truthSchema,
} from '#storage/runs/record.ts';
import type { rowSchema, StoredRow } from '#storage/runs/row.ts';
import { acquiring, ending, experience, opening, refining } from '../../ui/events.ts';
import { start, training } from '../../ui/events.ts';
import { StoreError } from '#storage/runs/store.ts';

type Keys<S extends v.GenericSchema> = keyof v.InferOutput<S>;

test('a schema has every field of its type, and no other', () => {
	expectTypeOf<Keys<typeof runSchema>>().toEqualTypeOf<keyof RunRecord>();
	expectTypeOf<Keys<typeof recipeSchema>>().toEqualTypeOf<keyof RunRecipe>();
	expectTypeOf<Keys<typeof truthSchema>>().toEqualTypeOf<keyof TruthRow>();
	expectTypeOf<Keys<typeof curvePointSchema>>().toEqualTypeOf<keyof CurvePoint>();
	expectTypeOf<Keys<typeof rowSchema>>().toEqualTypeOf<keyof StoredRow>();
	expectTypeOf<Keys<typeof scoreSchema>>().toEqualTypeOf<keyof Score>();
	expectTypeOf<Keys<typeof scoreCellSchema>>().toEqualTypeOf<keyof ScoreCell>();
	expectTypeOf<Keys<typeof savedStateSchema>>().toEqualTypeOf<keyof SavedState>();
	expectTypeOf<Keys<typeof savedPolicySchema>>().toEqualTypeOf<keyof SavedPolicy>();
	expectTypeOf<Keys<typeof manifestSchema>>().toEqualTypeOf<keyof Manifest>();
	expectTypeOf<Keys<typeof librarySchema>>().toEqualTypeOf<keyof LibraryManifest>();
	expectTypeOf<v.InferOutput<typeof librarySchema>['files'][number]>().toEqualTypeOf<ListedFile>();
	expectTypeOf<v.InferOutput<typeof eventSchema>['type']>().toEqualTypeOf<SessionEvent['type']>();
	expectTypeOf<v.InferOutput<typeof experienceSchema>['feedback']['kind']>().toEqualTypeOf<
		Experience['feedback']['kind']
	>();
	expectTypeOf<(typeof fateKinds)[number]>().toEqualTypeOf<Experience['fate']['kind']>();
	expectTypeOf<v.InferOutput<typeof experienceSchema>['fate']['kind']>().toEqualTypeOf<
		Experience['fate']['kind']
	>();
});

const sound = experience(1, 0, 5, true);
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('an experience', () => {
	test('of today is read as it is', () => {
		expect(readExperience(sound)).toBe(sound);
		expect(readExperience(overTheWire(sound))).toEqual(sound);
	});
	test.each([
		['nothing', null],
		['a list', [sound]],
		['one without a task', { ...sound, task: undefined }],
		['one whose task has no text', { ...sound, task: { id: 'x' } }],
		['one without rollouts', { ...sound, rollouts: 'x' }],
		['one with a rollout that is none', { ...sound, rollouts: [null] }],
		['one with feedback of no known kind', { ...sound, feedback: { kind: 'praise' } }],
		['one with a fate of no known kind', { ...sound, fate: { kind: 'lost' } }],
		['one that was kept without examples', { ...sound, fate: { kind: 'kept' } }],
		['one of no round', { ...sound, t: Number.NaN }],
	])('%s is none', (_what, value) => {
		expect(readExperience(value)).toBeUndefined();
	});

	test('of before has its attempts as rollouts, with the mean log-probability that was kept', () => {
		const { rollouts, ...rest } = sound;
		const old = {
			...rest,
			attempts: rollouts.map((rollout) => ({
				view: rollout.view,
				prompt: promptOf(rollout),
				completion: completionOf(rollout),
				stopReason: rollout.stopReason,
				answer: rollout.answer,
				logprob: -0.25,
			})),
		};
		const read = readExperience(overTheWire(old));
		expect(read).toMatchObject(rest);
		expect(read?.rollouts.map(completionOf)).toEqual(rollouts.map(completionOf));
		expect(read?.rollouts.map(promptOf)).toEqual(rollouts.map(promptOf));
		expect(read?.rollouts.map(meanLogprob)).toEqual(rollouts.map(() => -0.25));
		expect(read?.rollouts.map(saidTokens)).toEqual(rollouts.map(() => undefined));
	});
});

describe('a score', () => {
	const [cell] = start.cells;
	test('of before has one environment, one of today may have others', () => {
		expect(isScore(overTheWire(start))).toBe(true);
		const elsewhere = [{ environment: 'sorting', cells: [cell] }];
		expect(isScore(overTheWire({ ...start, elsewhere }))).toBe(true);
		expect(isScore({ ...start, elsewhere: [{ cells: [cell] }] })).toBe(false);
		expect(isScore({ ...start, elsewhere: [{ environment: 'sorting', cells: [1] }] })).toBe(false);
	});
});

describe('a row', () => {
	const row = [...acquiring, ...refining].flatMap((event) =>
		event.type === 'committed' ? event.rows : [],
	)[0];
	if (!row) throw new Error('the sample has no row');

	test('is read with its experience', () => {
		expect(readRow(row)).toEqual(row);
		expect(listedRow(row)).toBe(row);
	});
	test.each([
		['with the experience of another', { id: 'other' }],
		['of another round than its experience', { t: 77 }],
		['of another fate than its experience', { fate: row.fate === 'kept' ? 'fresh' : 'kept' }],
		['with a verdict of no known word', { verdict: 'fine' }],
		['without a payload', { payload: null }],
	])('%s is none', (_what, changes) => {
		expect(readRow({ ...row, ...changes })).toBeUndefined();
	});
	test('with words of no known meaning is listed as one that nobody judged', () => {
		const listed = listedRow({ ...row, verdict: 'fine', fate: 'lost' });
		expect(listed).toMatchObject({ id: row.id, verdict: 'unjudged', fate: 'set-aside' });
		expect(listed.reason).toMatch(/\.$/);
	});
});

describe('a saved state', () => {
	const file = 'file:weights/abc.safetensors';
	const parameters = { kind: 'lora', rank: 2, alpha: 16, targets: ['down_proj', 'q_proj'] };
	const state = {
		t: 2,
		phase: 'update',
		objective: { ability: 'addition', direction: 'improve-performance', difficulty: 7 },
		experience: ['a', 'b'],
		policy: {
			id: 'p',
			adapter: { parameters: { kind: 'full' }, file },
			trainer: { parameters, steps: 4, file },
		},
	};

	test('comes back with what counts elsewhere, and the adapters that a merge goes on with', () => {
		const today = {
			...state,
			objective: {
				...state.objective,
				protects: [1],
				elsewhere: [{ environment: 'sorting', protects: [1, 2] }],
			},
			policy: { ...state.policy, trained: [{ parameters: { kind: 'full' }, file }] },
		};
		expect(readSavedState(overTheWire(today))).toMatchObject({
			objective: today.objective,
			policy: { trained: today.policy.trained },
		});
	});
	test('comes back, its targets in the order of the model', () => {
		expect(readSavedState(overTheWire(state))).toEqual({
			...state,
			policy: {
				...{ ...state.policy, base: '', memory: [], parents: [] },
				trainer: {
					...state.policy.trainer,
					parameters: { ...parameters, targets: ['q_proj', 'down_proj'] },
				},
			},
		});
	});
	test.each([
		['t', { ...state, t: -1 }, 'state.t is not a whole number'],
		['phase', { ...state, phase: 'sleep' }, 'state.phase is not one of acquire, '],
		['experience', { ...state, experience: [1] }, 'state.experience[0] is not text'],
		['objective', { ...state, objective: null }, 'state.objective is not an object'],
		['policy', { ...state, policy: undefined }, 'state.policy is not an object'],
		[
			'file',
			{ ...state, policy: { ...state.policy, adapter: { parameters, file: 'file:../x' } } },
			'state.policy.adapter.file names no file',
		],
		[
			'alpha',
			{
				...state,
				policy: {
					...state.policy,
					adapter: { parameters: { ...parameters, alpha: Infinity }, file },
				},
			},
			'state.policy.adapter.parameters.alpha is not a finite number',
		],
		['everything', 'x', 'state is not an object'],
	])('with a wrong %s is refused by its place', (_what, value, flaw) => {
		expect(() => readSavedState(value)).toThrow(StoreError);
		expect(() => readSavedState(value)).toThrow(`(${flaw}`);
		expect(savedStateOf(value)).toBeUndefined();
	});
});

test('every event of the stream is read back from JSON, with its keys', () => {
	for (const event of [...opening, ...acquiring, ...refining, ...training, ...ending]) {
		const wire = overTheWire(event);
		expect(readEvent(wire)).toEqual(wire);
	}
	const [step] = training;
	if (step?.type !== 'progress') throw new Error('Training reports its progress.');
	const measured = { ...step, progress: { ...step.progress, metrics: { clipped: 0.1 } } };
	expect(readEvent(overTheWire(measured))).toEqual(measured);
	const told = { ...step, progress: { ...step.progress, metrics: { clipped: 'few' } } };
	expect(readEvent(overTheWire(told))).toBeUndefined();
	expect(readEvent({ type: 'constructor' })).toBeUndefined();
});
