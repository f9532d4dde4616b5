/** @file What may be asked for: names, numbers and knobs are checked here, in one sentence that says what is allowed. */
import { readKnob, type Knob, type KnobValue } from '#base/knobs.ts';
import type { Environment } from '#environments/environment.ts';
import { definitionOf, EnvironmentError, openEnvironment } from '#environments/registry.ts';
import type { Method } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import { assemble } from '#methods/assemble.ts';
import type { Recipe } from '#methods/method.ts';
import { methods } from '#methods/registry.ts';
import type { RunRecipe, RunRecord } from '#storage/store.ts';
import { SessionFailure } from './failure.ts';
import type { SavedState } from './saved-state.ts';
import type { StartOptions } from './session.ts';

/** A knob of a method or environment and its value before anyone turned it. */
export interface Setting {
	readonly knob: Knob;
	readonly value: KnobValue;
	readonly of: 'method' | 'environment';
}

/** What a run may be asked for in numbers. */
export const limits = {
	seed: { from: 0, to: 2 ** 32 - 1 },
	rounds: { from: 1, to: 1000 },
} as const;

/** The recipe of that name. */
export function methodNamed(name: string): Recipe {
	const recipe = methods.find((method) => method.name === name);
	if (recipe) return recipe;
	const allowed = methods.map((method) => method.name).join(', ');
	throw bad(`Method must be one of ${allowed}; got "${name}".`);
}

/** Every knob of a method in an environment, by name. */
export function settingsOf(recipe: Recipe, environment: string): ReadonlyMap<string, Setting> {
	const settings = new Map<string, Setting>();
	const { evolveTasks, evolveSolutions, getFeedback, refine, update, evaluate } = recipe;
	const choices = [evolveTasks, evolveSolutions, getFeedback, ...refine, ...update, evaluate];
	for (const { cell, set } of choices)
		for (const [name, knob] of Object.entries(cell.knobs))
			settings.set(name, { knob, value: set[name] ?? knob.default, of: 'method' });
	const definition = inWords(() => definitionOf(environment));
	for (const [name, knob] of Object.entries(definition.knobs)) {
		const value = recipe.environmentKnobs?.[name] ?? knob.default;
		settings.set(name, { knob, value, of: 'environment' });
	}
	return settings;
}

/** What a recipe of a run comes to: the method's six functions and the environment. */
export function assembleRun(run: Omit<RunRecipe, 'model'>): {
	readonly method: Method;
	readonly environment: Environment;
} {
	const recipe = methodNamed(run.method);
	if (!recipe.environments.includes(run.environment)) {
		inWords(() => definitionOf(run.environment));
		throw bad(
			`Method ${recipe.name} is for the environments ${recipe.environments.join(', ')}; got "${run.environment}".`,
		);
	}
	const settings = settingsOf(recipe, run.environment);
	const knobs = readKnobs(settings, run.knobs, run);
	const only = (of: Setting['of']) =>
		Object.fromEntries(
			[...settings]
				.filter(([, setting]) => setting.of === of)
				.map(([name, setting]) => [name, knobs[name] ?? setting.value]),
		);
	const environment = inWords(() => openEnvironment(run.environment, only('environment')));
	return { method: assemble(recipe, only('method')), environment };
}

/** The record of a new run, checked; engine and trainer are filled in when the model is open. */
export function newRecord(options: StartOptions, id: string, now: number): RunRecord {
	const { method, environment: environmentName, seed } = options;
	if (!Number.isInteger(seed) || seed < limits.seed.from || seed > limits.seed.to)
		throw bad(
			`seed must be a whole number from ${limits.seed.from} to ${limits.seed.to}; got "${seed}".`,
		);
	const rounds = readRounds(options.rounds);
	const { environment } = assembleRun(options);
	const settings = settingsOf(methodNamed(method), environmentName);
	const knobs = readKnobs(settings, options.knobs, options);
	const start = startState(environment);
	const state: SavedState = {
		...start,
		experience: [],
		policy: { id: start.policy.id, adapter: null, trainer: null },
	};
	return {
		id,
		name: options.name ?? `${methodNamed(method).title}, ${environment.title.toLowerCase()}`,
		recipe: { method, environment: environmentName, seed, rounds, knobs, model: environment.model },
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

export function readRounds(rounds: number): number {
	const { from, to } = limits.rounds;
	if (Number.isInteger(rounds) && rounds >= from && rounds <= to) return rounds;
	throw bad(`rounds must be a whole number from ${from} to ${to}; got "${rounds}".`);
}

/** The recipe with one knob turned. Knobs of the environment hold for a whole run. */
export function changeKnob(run: RunRecipe, name: string, value: KnobValue): RunRecipe {
	const settings = settingsOf(methodNamed(run.method), run.environment);
	if (settings.get(name)?.of === 'environment')
		throw bad(`${name} belongs to the environment and holds for a whole run; start a new run.`);
	return { ...run, knobs: readKnobs(settings, { ...run.knobs, [name]: value }, run) };
}

/** The environment that a run lives in, or that a name opens at its defaults. */
export function openEnvironmentOf(run: RunRecipe | string): Environment {
	return typeof run === 'string'
		? inWords(() => openEnvironment(run))
		: assembleRun(run).environment;
}

/** The asked knobs that differ from the method's own, checked. */
function readKnobs(
	settings: ReadonlyMap<string, Setting>,
	asked: Readonly<Record<string, KnobValue>>,
	run: { readonly method: string; readonly environment: string },
): Readonly<Record<string, KnobValue>> {
	const turned: Record<string, KnobValue> = {};
	for (const [name, value] of Object.entries(asked)) {
		const setting = settings.get(name);
		if (!setting)
			throw bad(
				`${run.method} on ${run.environment} has the knobs ${[...settings.keys()].join(', ')}; got "${name}".`,
			);
		const read = readKnob(name, setting.knob, value);
		if ('error' in read) throw bad(read.error);
		if (read.value !== setting.value) turned[name] = read.value;
	}
	return turned;
}

function inWords<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (error instanceof EnvironmentError) throw bad(error.message, error);
		throw error;
	}
}

const bad = (message: string, cause?: unknown): SessionFailure =>
	new SessionFailure('bad-request', message, cause === undefined ? undefined : { cause });
