/**
 * @file The run asked for, in the address: `?method=star&seed=7&rank=8`. Only what differs from the
 * defaults is written; what cannot be read becomes one sentence that names what is allowed.
 */
import { readKnob, type KnobValue } from '#base/knobs.ts';
import { runLimits } from '#base/limits.ts';
import { computes, isCompute, type Compute } from '#platform/compute.ts';
import { roles } from '#loop/types.ts';
import { findKnob, keptValue, unknownKnob } from '#runs/knob-rows.ts';
import type { RunRecipe } from '#storage/runs/store.ts';
import { nameOf, readName } from '#runs/places.ts';
import { altered, withAlteration } from '#runs/recipe/alter.ts';
import type { Recipe } from '#methods/parts/method.ts';
import { methodFor } from '#methods/registry.ts';
import { readRoles, type RoleAssignment } from '#platform/roles/roles.ts';
import { parameter } from '../language/choice.ts';
import {
	allSettings,
	environmentNamed,
	environmentsOf,
	methodNamed,
	recipeFor,
	modelOf,
	type Catalogue,
} from './catalogue.ts';

/** The run a person asks for. */
export interface Asked {
	readonly method: string;
	/** Cells in which it differs from the method. */
	readonly cells?: readonly string[];
	readonly environment: string;
	readonly seed: number;
	readonly rounds: number;
	/** Only the knobs that differ from the method's own. */
	readonly knobs: Readonly<Record<string, KnobValue>>;
	/** Another base model than the environment's own. */
	readonly model?: string;
	/** Players of roles, if other than the method's. */
	readonly roles?: RoleAssignment;
	/** Environments to examine beside this one. */
	readonly alsoExamine?: readonly string[];
}

/** Parameters of the address that are no knobs. */
const ownNames: ReadonlySet<string> = new Set([
	'method',
	'cells',
	'environment',
	'seed',
	'rounds',
	'compute',
	'model',
	'alsoExamine',
	'present',
	'class',
	'guess',
	parameter,
	...roles,
]);

/** Request of an address without a query. */
export function defaultAsked(catalogue: Catalogue, methodName?: string): Asked {
	const method = methodNamed(catalogue, methodName ?? '') ?? catalogue.methods[0];
	return {
		method: method?.name ?? '',
		environment: method?.environment ?? '',
		seed: 1,
		rounds: method?.rounds ?? 1,
		knobs: {},
	};
}

/** Request that repeats this run; undefined if its method or environment is not here. */
export function askedLike(run: RunRecipe, catalogue: Catalogue): Asked | undefined {
	const method = recipeFor(catalogue, run);
	const definition = environmentNamed(catalogue, run.environment);
	if (!method || !environmentsOf(catalogue, method).some(({ name }) => name === run.environment))
		return undefined;
	const turned = allSettings(method, definition).flatMap((setting) => {
		const value = keptValue(run.knobs, setting);
		const isTurned = value !== undefined && value !== setting.value;
		return isTurned ? [[setting.name, value] as const] : [];
	});
	const { environment, seed, rounds } = run;
	const start = {
		method: method.name,
		...(run.cells && { cells: run.cells }),
		environment,
		seed,
		rounds,
		knobs: Object.fromEntries(turned),
	};
	// As in an address: a model elsewhere is asked only after a person chose it.
	const players = Object.entries(run.roles ?? {}).filter(
		([role, player]) =>
			!isElsewhere(player) &&
			player !== Object.entries(method.roles ?? {}).find(([own]) => own === role)?.[1],
	);
	return {
		...start,
		...(run.model !== modelOf(catalogue, start) && { model: run.model }),
		...(players.length > 0 && { roles: Object.fromEntries(players) }),
		...(run.alsoExamine && { alsoExamine: run.alsoExamine }),
	};
}

/** A player that is asked over the network, or fetched from elsewhere. */
const isElsewhere = (player: string): boolean => /^(endpoint|web-llm):/.test(player);

/** Parses the query; invalid values stay at their defaults and are named in `errors`. */
export function readAsked(
	query: URLSearchParams,
	catalogue: Catalogue,
): { readonly asked: Asked; readonly errors: readonly string[] } {
	const errors: string[] = [];
	const named = query.get('method');
	if (named !== null && !methodNamed(catalogue, named))
		errors.push(
			`method must be one of ${catalogue.methods.map((m) => m.name).join(', ')}; got "${named}".`,
		);
	const place = query.get('environment');
	const start = defaultAsked(catalogue, named ?? methodFor(catalogue.methods, place)?.name);
	const { cells, method } = readCells(
		query,
		catalogue,
		methodNamed(catalogue, start.method),
		errors,
	);
	const allowed = environmentsOf(catalogue, method).map(({ name }) => name);
	if (place !== null && !allowed.includes(place))
		errors.push(
			`environment must be one of ${allowed.join(', ')} for ${start.method}; got "${place}".`,
		);
	// Another cell may need what the method's own environment does not have.
	const [home = start.environment] = allowed;
	const environment = place !== null && allowed.includes(place) ? place : home;
	const whole = (name: 'seed' | 'rounds', fallback: number): number => {
		const text = query.get(name);
		if (text === null) return fallback;
		const { from, to } = runLimits[name];
		const value = text.trim() === '' ? NaN : Number(text);
		if (Number.isInteger(value) && value >= from && value <= to) return value;
		errors.push(`${name} must be a whole number from ${from} to ${to}; got "${text}".`);
		return fallback;
	};
	const seed = whole('seed', start.seed);
	const rounds = whole('rounds', start.rounds);
	const settings = method ? allSettings(method, environmentNamed(catalogue, environment)) : [];
	const turned = new Map<string, KnobValue>();
	for (const [name, text] of query) {
		if (ownNames.has(name)) continue;
		const setting = findKnob(settings, name);
		if (!setting) {
			errors.push(unknownKnob(settings, name, start.method));
			continue;
		}
		const read = readKnob(name, setting.knob, text);
		if ('error' in read) errors.push(read.error);
		else if (read.value !== setting.value) turned.set(setting.name, read.value);
		else turned.delete(setting.name);
	}
	const knobs = Object.fromEntries(turned);
	const { model, assigned, refused } = readModelAndRoles(query);
	errors.push(...refused);
	const also = readAlso(query);
	if ('error' in also) errors.push(also.error);
	const places = 'names' in also && also.names.length > 0 ? { alsoExamine: also.names } : {};
	return {
		asked: {
			...start,
			...cells,
			environment,
			seed,
			rounds,
			knobs,
			...model,
			...assigned,
			...places,
		},
		errors,
	};
}

/** The method with the cells that the address names; those that are none are errors. */
function readCells(
	query: URLSearchParams,
	catalogue: Catalogue,
	method: Recipe | undefined,
	errors: string[],
): { readonly cells: Pick<Asked, 'cells'>; readonly method: Recipe | undefined } {
	if (!method) return { cells: {}, method };
	let words: readonly string[] = [];
	for (const word of (query.get('cells') ?? '').split(','))
		try {
			if (word.trim() !== '') words = withAlteration(method, words, word.trim());
		} catch (error) {
			errors.push(error instanceof Error ? error.message : String(error));
		}
	const recipe = altered(method, words);
	if (environmentsOf(catalogue, recipe).length === 0) {
		errors.push(`No environment has what all of these cells need: ${words.join(', ')}.`);
		return { cells: {}, method };
	}
	return { cells: words.length > 0 ? { cells: words } : {}, method: recipe };
}

/** Environments of `alsoExamine`, separated by commas, or what is wrong with them. */
function readAlso(query: URLSearchParams): { names: readonly string[] } | { error: string } {
	try {
		const names = (query.get('alsoExamine') ?? '').split(',').filter((name) => name.trim() !== '');
		return { names: [...new Set(names.map((name) => nameOf(readName(name))))] };
	} catch (error) {
		return { error: `alsoExamine: ${error instanceof Error ? error.message : String(error)}` };
	}
}

/** The base model and the roles; an address never names a model elsewhere, since that would be asked unseen. */
function readModelAndRoles(query: URLSearchParams): {
	readonly model: Pick<Asked, 'model'>;
	readonly assigned: Pick<Asked, 'roles'>;
	readonly refused: readonly string[];
} {
	const model = query.get('model');
	const refused: string[] = [];
	const players = roles.flatMap((role): [string, string][] => {
		const player = query.get(role);
		if (player === null) return [];
		try {
			readRoles({ [role]: player });
			if (!isElsewhere(player)) return [[role, player]];
			refused.push(`${role} cannot be given to another model by an address; choose it here.`);
		} catch (error) {
			refused.push(error instanceof Error ? error.message : String(error));
		}
		return [];
	});
	return {
		model: model === null || model === '' ? {} : { model },
		assigned: players.length > 0 ? { roles: Object.fromEntries(players) } : {},
		refused,
	};
}

/** Compute back end; apart from the request, since it belongs to the machine. */
export function readCompute(query: URLSearchParams): {
	readonly compute: Compute;
	readonly error?: string;
} {
	const text = query.get('compute') ?? 'auto';
	if (isCompute(text)) return { compute: text };
	return {
		compute: 'auto',
		error: `compute must be one of ${computes.join(', ')}; got "${text}".`,
	};
}

/** The query that `readAsked` and `readCompute` read back; empty if everything is at its default. */
export function writeAsked(asked: Asked, catalogue: Catalogue, compute: Compute = 'auto'): string {
	const start = defaultAsked(catalogue, asked.method);
	const query = new URLSearchParams();
	const place = asked.environment === start.environment ? null : asked.environment;
	if (asked.method !== methodFor(catalogue.methods, place)?.name) query.set('method', asked.method);
	if (asked.cells) query.set('cells', asked.cells.join(','));
	if (place !== null) query.set('environment', place);
	if (asked.seed !== start.seed) query.set('seed', String(asked.seed));
	if (asked.rounds !== start.rounds) query.set('rounds', String(asked.rounds));
	if (asked.model !== undefined) query.set('model', asked.model);
	for (const [role, player] of Object.entries(asked.roles ?? {}))
		if (!isElsewhere(player)) query.set(role, player);
	if (asked.alsoExamine) query.set('alsoExamine', asked.alsoExamine.join(','));
	if (compute !== 'auto') query.set('compute', compute);
	for (const [name, value] of Object.entries(asked.knobs))
		query.set(name, typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value));
	return query.toString();
}
