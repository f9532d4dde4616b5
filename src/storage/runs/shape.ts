/** @file Checks that data from outside has the shape of a run and its rows; what is sound is copied field by field. */
import type {
	CurvePoint,
	ExperienceRow,
	RunRecord,
	RunRecipe,
	RunStatus,
	TruthRow,
} from './store.ts';
import { StoreError } from './store.ts';

const statuses: readonly RunStatus[] = ['running', 'paused', 'finished', 'stopped', 'failed'];
const verdicts: readonly ExperienceRow['verdict'][] = ['correct', 'wrong', 'malformed', 'unjudged'];
const fates: readonly ExperienceRow['fate'][] = ['fresh', 'kept', 'set-aside'];
/** Characters of one text: far more than any task, answer or message has. */
const longest = 1 << 20;
/** Levels of nesting in data whose shape is the loop's affair. */
const deepest = 64;

/** The archive is refused; `why` is a clause. */
export const corrupt = (why: string, cause?: unknown): StoreError =>
	new StoreError(
		'corrupt',
		`This file is not a sound export of a run (${why}): export the run again and choose that file.`,
		{ cause },
	);

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, what: string): Fields {
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		throw corrupt(`${what} is not an object`);
	return { ...value };
}
export function list<T>(
	value: unknown,
	what: string,
	read: (item: unknown, what: string) => T,
): T[] {
	if (!Array.isArray(value)) throw corrupt(`${what} is not a list`);
	return value.map((item: unknown, i) => read(item, `${what}[${i}]`));
}
export function text(value: unknown, what: string): string {
	if (typeof value !== 'string') throw corrupt(`${what} is not text`);
	if (value.length > longest) throw corrupt(`${what} is too long`);
	return value;
}
export function number(value: unknown, what: string): number {
	if (typeof value !== 'number') throw corrupt(`${what} is not a number`);
	return value;
}
/** A whole number from 0 that is held exactly. */
export function count(value: unknown, what: string): number {
	if (!Number.isSafeInteger(value) || number(value, what) < 0)
		throw corrupt(`${what} is not a whole number`);
	return number(value, what);
}
function whole(value: unknown, what: string): number {
	if (!Number.isSafeInteger(value)) throw corrupt(`${what} is not a whole number`);
	return number(value, what);
}
function flag(value: unknown, what: string): boolean {
	if (typeof value !== 'boolean') throw corrupt(`${what} is neither true nor false`);
	return value;
}
function oneOf<T extends string>(value: unknown, what: string, options: readonly T[]): T {
	const found = options.find((option) => option === value);
	if (found === undefined) throw corrupt(`${what} is not one of ${options.join(', ')}`);
	return found;
}
const orNull = <T>(
	value: unknown,
	what: string,
	read: (value: unknown, what: string) => T,
): T | null => (value === null ? null : read(value, what));

/** Any JSON, not too deep, without the one key that changes what an object is. */
function plain(value: unknown, what: string): unknown {
	const rest: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
	for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
		if (typeof next.value !== 'object' || next.value === null) continue;
		if (next.depth === deepest) throw corrupt(`${what} is nested too deeply`);
		if (Object.hasOwn(next.value, '__proto__')) throw corrupt(`${what} has a forbidden key`);
		for (const item of Object.values(next.value) as unknown[])
			rest.push({ value: item, depth: next.depth + 1 });
	}
	return value;
}

function recipe(value: unknown): RunRecipe {
	const from = fields(value, 'run.recipe');
	const knobs = fields(plain(from['knobs'], 'run.recipe.knobs'), 'run.recipe.knobs');
	return {
		method: text(from['method'], 'run.recipe.method'),
		environment: text(from['environment'], 'run.recipe.environment'),
		seed: whole(from['seed'], 'run.recipe.seed'),
		rounds: count(from['rounds'], 'run.recipe.rounds'),
		knobs: Object.fromEntries(
			Object.entries(knobs).map(([name, knob]) => {
				if (typeof knob === 'string' || typeof knob === 'number' || typeof knob === 'boolean')
					return [name, knob];
				throw corrupt(`run.recipe.knobs.${name} is no value of a knob`);
			}),
		),
		model: text(from['model'], 'run.recipe.model'),
		...(from['roles'] !== undefined && {
			roles: Object.fromEntries(
				Object.entries(fields(from['roles'], 'run.recipe.roles')).map(([name, player]) => [
					name,
					text(player, `run.recipe.roles.${name}`),
				]),
			),
		}),
	};
}

function truth(value: unknown, what: string): TruthRow {
	const from = fields(value, what);
	const n = (name: string): number => count(from[name], `${what}.${name}`);
	return {
		t: n('t'),
		asked: n('asked'),
		kept: n('kept'),
		correct: n('correct'),
		judged: n('judged'),
		believed: number(from['believed'], `${what}.believed`),
		correctBefore: n('correctBefore'),
		judgedBefore: n('judgedBefore'),
	};
}

function point(value: unknown, what: string): CurvePoint {
	const from = fields(value, what);
	return {
		t: count(from['t'], `${what}.t`),
		step: count(from['step'], `${what}.step`),
		loss: number(from['loss'], `${what}.loss`),
		gradientNorm: number(from['gradientNorm'], `${what}.gradientNorm`),
	};
}

/** A run record; its state and scores are checked to be plain data only, since their shape is the loop's. */
export function readRun(value: unknown): RunRecord {
	const from = fields(value, 'run');
	return {
		id: text(from['id'], 'run.id'),
		name: text(from['name'], 'run.name'),
		recipe: recipe(from['recipe']),
		status: oneOf(from['status'], 'run.status', statuses),
		...(from['message'] === undefined ? {} : { message: text(from['message'], 'run.message') }),
		createdAt: number(from['createdAt'], 'run.createdAt'),
		updatedAt: number(from['updatedAt'], 'run.updatedAt'),
		spentMs: number(from['spentMs'], 'run.spentMs'),
		version: count(from['version'], 'run.version'),
		engine: text(from['engine'], 'run.engine'),
		trainer: text(from['trainer'], 'run.trainer'),
		state: plain(from['state'], 'run.state'),
		scores: list(from['scores'], 'run.scores', plain),
		truths: list(from['truths'], 'run.truths', truth),
		curve: list(from['curve'], 'run.curve', point),
	};
}

/** A row of the experience table; its payload is checked to be plain data only. */
export function readRow(value: unknown, what: string): ExperienceRow {
	const from = fields(value, what);
	const at = (name: string): string => `${what}.${name}`;
	return {
		runId: text(from['runId'], at('runId')),
		id: text(from['id'], at('id')),
		t: whole(from['t'], at('t')),
		difficulty: number(from['difficulty'], at('difficulty')),
		stratum: text(from['stratum'], at('stratum')),
		text: text(from['text'], at('text')),
		answer: orNull(from['answer'], at('answer'), text),
		expected: text(from['expected'], at('expected')),
		verdict: oneOf(from['verdict'], at('verdict'), verdicts),
		score: orNull(from['score'], at('score'), number),
		fate: oneOf(from['fate'], at('fate'), fates),
		reason: text(from['reason'], at('reason')),
		rejected: flag(from['rejected'], at('rejected')),
		trainedIn: list(from['trainedIn'], at('trainedIn'), whole),
		payload: plain(from['payload'], at('payload')),
	};
}
