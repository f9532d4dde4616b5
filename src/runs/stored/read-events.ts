/** @file Recognises data from outside (records, recordings) as what the loop and the session made. */
import { isRecord } from '#base/is-record.ts';
import type { Experience, Score, ScoreCell } from '#loop/types.ts';
import type { SessionEvent } from '../session.ts';

type Entries = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): value is number =>
	typeof value === 'number' && Number.isFinite(value);

/** Correct answers out of n of one difficulty and stratum. */
export const isScoreCell = (value: unknown): value is ScoreCell =>
	isRecord(value) &&
	isNumber(value['difficulty']) &&
	typeof value['stratum'] === 'string' &&
	isNumber(value['correct']) &&
	isNumber(value['n']);

/** One round's examination. */
export const isScore = (value: unknown): value is Score =>
	isRecord(value) &&
	isNumber(value['t']) &&
	isNumber(value['frontier']) &&
	isNumber(value['threshold']) &&
	Array.isArray(value['cells']) &&
	value['cells'].every(isScoreCell);

/** The payload of an experience row. */
export const isExperience = (value: unknown): value is Experience =>
	isRecord(value) &&
	typeof value['id'] === 'string' &&
	isNumber(value['t']) &&
	isRecord(value['task']) &&
	typeof value['task']['text'] === 'string' &&
	Array.isArray(value['rollouts']) &&
	isRecord(value['feedback']) &&
	isRecord(value['fate']);

const isRun = (value: unknown): boolean =>
	isRecord(value) &&
	typeof value['id'] === 'string' &&
	typeof value['status'] === 'string' &&
	isRecord(value['recipe']) &&
	isRecord(value['recipe']['knobs']) &&
	['scores', 'truths', 'curve'].every((name) => Array.isArray(value[name]));

const isProgress = (value: unknown): boolean => {
	if (!isRecord(value) || !isNumber(value['t'])) return false;
	switch (value['kind']) {
		case 'step':
			return typeof value['cell'] === 'string' && isNumber(value['done']);
		case 'sample':
			return isExperience(value['experience']);
		case 'trained':
			return isNumber(value['step']) && isRecord(value['report']);
		case 'examined':
			return isScoreCell(value['cell']);
		default:
			return false;
	}
};

const checks: Readonly<Record<SessionEvent['type'], (event: Entries) => boolean>> = {
	opened: (e) => typeof e['engine'] === 'string' && typeof e['trainer'] === 'string',
	run: (e) => isRun(e['run']),
	status: (e) => typeof e['status'] === 'string',
	began: (e) => isNumber(e['t']) && typeof e['phase'] === 'string' && isNumber(e['difficulty']),
	progress: (e) => isProgress(e['progress']),
	committed: (e) =>
		isRun(e['run']) &&
		Array.isArray(e['rows']) &&
		e['rows'].every((row) => isRecord(row) && typeof row['id'] === 'string') &&
		(e['score'] === undefined || isScore(e['score'])),
	failed: (e) => isRecord(e['error']) && typeof e['error']['message'] === 'string',
};

/** Whether this is an event of the session's stream, as far as what reads it relies on. */
export function isSessionEvent(value: unknown): value is SessionEvent {
	if (!isRecord(value) || typeof value['type'] !== 'string') return false;
	const check = Object.entries(checks).find(([type]) => type === value['type'])?.[1];
	return check?.(value) ?? false;
}
