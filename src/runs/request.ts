/** @file Validation of run requests: names, numbers and knobs; an error states in one sentence the allowed values. */
import type { Sandbox } from '#environments/programs/sandbox.ts';
import { equipped } from '#platform/sandbox/equipped.ts';
import { defaultsOf, type KnobValue } from '#base/knobs.ts';
import { readKvBudget, runLimits } from '#base/limits.ts';
import type { Environment } from '#environments/environment.ts';
import { definitionOf, EnvironmentError, openEnvironment } from '#environments/registry.ts';
import type { Method } from '#loop/evolve.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { startState } from '#loop/start.ts';
import type { Place } from '#loop/types.ts';
import { RecipeError } from '#methods/parts/method.ts';
import { recipeOf } from './recipe/alter.ts';
import type { RunRecipe, RunRecord } from '#storage/runs/store.ts';
import { assemble } from './assemble.ts';
import { findKnob, knobsOf, rowOf, type KnobRow } from './knob-rows.ts';
import { joinModel, misfit, type Joined } from './join.ts';
import { openPlaces, readPlaces } from './places.ts';
import { SessionFailure } from '#base/failure.ts';
import type { OpenModel } from '#platform/platform.ts';
import { readRoles } from '#platform/roles/roles.ts';
import { readSavedState, type SavedState } from './stored/saved-state.ts';
import type { StartOptions } from './session.ts';

/** Method, environment and changed knobs of a request. */
type RecipeRequest = Pick<
	RunRecipe,
	'method' | 'cells' | 'environment' | 'knobs' | 'alsoExamine'
> & {
	readonly model?: string;
};

/** Every knob of a method in an environment, turned as asked. */
export const readKnobs = (request: RecipeRequest): readonly KnobRow[] =>
	inWords(() => {
		const { environment, knobs } = request;
		const recipe = recipeOf(request);
		const definition = definitionOf(environment);
		const refused = misfit(recipe, definition);
		if (refused !== undefined) throw bad(refused);
		return knobsOf(recipe, knobs, definition);
	});

/** A run ready for `evolve`, as far as it is known before its model is open. */
export interface AssembledRun {
	readonly method: Method;
	readonly environment: Environment;
	readonly start: Joined;
	/** Of the environment, all of them. */
	readonly environmentKnobs: Readonly<Record<string, KnobValue>>;
	/** Examined beside the environment. */
	readonly places: readonly Place<'score'>[];
}

/** With a sandbox for scorers that run what a model wrote. */
export const equippedRun = (run: AssembledRun, sandbox: Sandbox | undefined): AssembledRun => ({
	...run,
	environment: equipped(run.environment, sandbox),
	places: run.places.map((place) => ({
		...place,
		environment: equipped(place.environment, sandbox),
	})),
});

/** What a recipe of a run comes to: the method's six functions, the environment, and where it begins. */
export function assembleRun(run: RecipeRequest): AssembledRun {
	readKnobs(run);
	const assembled = assemble(recipeOf(run), run.knobs, definitionOf(run.environment));
	const { method, environmentKnobs } = assembled;
	const environment = openEnvironment(run.environment, environmentKnobs);
	const start = joinModel(environment, environmentKnobs, run.model);
	const practised = { definition: definitionOf(run.environment), knobs: environmentKnobs };
	const names = inWords(() => readPlaces(run.alsoExamine ?? [], practised));
	return { method, environment, start, environmentKnobs, places: openPlaces(names, start.model) };
}

/** The record of a new run, checked; engine and trainer are filled in when the model is open. */
export function newRecord(options: StartOptions, id: string, now: number): RunRecord {
	const { method, cells = [], environment: environmentName, name } = options;
	const seed = readWhole('seed', options.seed);
	const rounds = readWhole('rounds', options.rounds);
	const { environment, start, places } = assembleRun(options);
	const roles = { ...recipeOf(options).roles, ...options.roles };
	readRoles(roles);
	const cache = options.cache && readKvBudget(options.cache);
	if (cache && 'error' in cache) throw bad(cache.error);
	const { t, phase, objective, policy } = startState(environment, start);
	const {
		trained: _none,
		modules: _no,
		...untrained
	} = { ...policy, adapter: null, trainer: null };
	const state: SavedState = { t, phase, objective, experience: [], policy: untrained };
	return {
		id,
		name: name ?? nameOf(options, environment),
		recipe: {
			method,
			...(cells.length > 0 && { cells }),
			environment: environmentName,
			seed,
			rounds,
			knobs: turned(readKnobs(options)),
			model: start.model,
			...(Object.keys(roles).length > 0 && { roles }),
			...(cache && { cache: cache.value }),
			...(places.length > 0 && { alsoExamine: places.map(({ name }) => name) }),
		},
		status: 'running',
		createdAt: now,
		updatedAt: now,
		spentMs: 0,
		version: 1,
		engine: '',
		trainer: '',
		state,
		scores: [],
		truths: [],
		curve: [],
	};
}

/** Most turned knobs that a name tells. */
const told = 3;

/** A name that says in what the run differs from its method: `Easy-to-hard self-training, addition, filter off`. */
function nameOf(options: StartOptions, { words }: Environment): string {
	const rows = readKnobs(options).filter(({ value, preset }) => value !== preset);
	const turns = rows.slice(0, told).map(({ knob, value }) => {
		const shown = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
		return knob.kind === 'text'
			? `another ${knob.label.toLowerCase()}`
			: `${knob.label.toLowerCase()} ${shown}`;
	});
	const more = rows.length > told ? [`${rows.length - told} more`] : [];
	const { title } = recipeOf(options);
	const cells = options.cells?.map((word) => word.replace(/^-/, 'without ')) ?? [];
	return [title, words.title.toLowerCase(), ...cells, ...turns, ...more].join(', ');
}

/** The number if it is within its limits. */
export function readWhole(name: keyof typeof runLimits, value: number): number {
	const { from, to } = runLimits[name];
	if (Number.isInteger(value) && value >= from && value <= to) return value;
	throw bad(`${name} must be a whole number from ${from} to ${to}; got "${value}".`);
}

/**
 * The recipe with some knobs turned. Those of the environment hold for a whole run; those that say what learns hold once
 * something has: `learnt` are the parameters from which training continues.
 */
export function changeKnobs(
	run: RunRecipe,
	changes: Readonly<Record<string, KnobValue>>,
	learnt: Learnt | null = null,
): RunRecipe {
	const rows = readKnobs({ ...run, knobs: { ...run.knobs, ...changes } });
	const changed = Object.keys(changes).flatMap((name) => findKnob(rows, name) ?? []);
	const ofEnvironment = changed.find(isOfEnvironment);
	if (ofEnvironment)
		throw bad(
			`${ofEnvironment.name} belongs to the environment and holds for a whole run; start a new run.`,
		);
	if (learnt && changed.some((row) => whatLearns.some((name) => learning(rows, name) === row)))
		assertGoesOn(rows, learnt);
	return { ...run, knobs: turned(rows) };
}

/** Does the environment read it, and not a cell? */
export const isOfEnvironment = ({ readBy }: KnobRow): boolean =>
	readBy.some((reader) => reader.startsWith('environments/'));

/** Knobs of the cell `3-update/in-weight/architecture` whose change may leave training nothing to go on from. */
const whatLearns = ['trains', 'rank', 'alpha', 'restart'] as const;
const learning = (rows: readonly KnobRow[], short: (typeof whatLearns)[number]) =>
	rowOf(rows, short, architecture.knobs[short]);

/** Trained parameters that a run continues from, as its knobs state them; null before the first update. */
type Learnt =
	| { readonly kind: 'full' }
	| { readonly kind: 'lora'; readonly rank: KnobValue; readonly alpha: KnobValue };

/** Refuses a recipe that trains every weight of a model that can learn a LoRA alone, before it has begun. */
export function assertCanLearn(
	run: RecipeRequest,
	{ name, learns }: Pick<OpenModel, 'name' | 'learns'>,
): void {
	if (learns === 'lora' && learning(readKnobs(run), 'trains')?.value === 'full')
		throw bad(
			`Model ${name} is trained layer by layer, so it can learn an adapter and not every weight; set trains to lora, or choose another method.`,
		);
}

/** Parameters that a run has trained or is training. */
export function learntIn({ recipe, state }: RunRecord, isUnderWay: boolean): Learnt | null {
	const { phase, policy } = readSavedState(state);
	if (!isUnderWay || phase !== 'update') return policy.trainer?.parameters ?? null;
	const rows = readKnobs(recipe);
	const [trains, rank, alpha] = whatLearns.map((name) => learning(rows, name)?.value);
	if (trains === 'full') return { kind: 'full' };
	return rank === undefined || alpha === undefined ? null : { kind: 'lora', rank, alpha };
}

/** A LoRA goes on only from one of its own rank and alpha, unless every round begins with the base model. */
function assertGoesOn(rows: readonly KnobRow[], learnt: Learnt): void {
	const value = (name: (typeof whatLearns)[number]) => learning(rows, name)?.value;
	if (value('restart') === true || value('trains') !== 'lora') return;
	if (learnt.kind === 'full')
		throw bad(
			'trains stays full: this run has trained every weight, and a LoRA cannot go on from those. Turn restart on to train the base model anew in each round, or start a new run.',
		);
	if (value('rank') !== learnt.rank || value('alpha') !== learnt.alpha)
		throw bad(
			`rank and alpha stay ${learnt.rank} and ${learnt.alpha}: this run goes on from a LoRA trained with those. Turn restart on to train the base model anew in each round, or start a new run.`,
		);
}

/** The environment that a run lives in, or that a name opens at its defaults. */
export const openEnvironmentOf = (run: RunRecipe | string): Environment =>
	typeof run === 'string' ? inWords(() => openEnvironment(run)) : assembleRun(run).environment;

/** The same with where a run in it begins. */
export function begunIn(run: RunRecipe | string): Pick<AssembledRun, 'environment' | 'start'> {
	if (typeof run !== 'string') return assembleRun(run);
	const environment = openEnvironmentOf(run);
	return { environment, start: joinModel(environment, defaultsOf(definitionOf(run).knobs)) };
}

/** Only the knobs that differ from the method's own. */
const turned = (rows: readonly KnobRow[]): Readonly<Record<string, KnobValue>> =>
	Object.fromEntries(
		rows.filter(({ value, preset }) => value !== preset).map(({ name, value }) => [name, value]),
	);

function inWords<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (error instanceof EnvironmentError || error instanceof RecipeError)
			throw bad(error.message, error);
		throw error;
	}
}

const bad = (message: string, cause?: unknown): SessionFailure =>
	new SessionFailure('bad-request', message, cause === undefined ? undefined : { cause });
