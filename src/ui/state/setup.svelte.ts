/** @file Setup of the next run: method, environment, seed, rounds and knobs, kept in the address. */
import { readKnob, type KnobValue } from '#base/knobs.ts';
import { roles, type Role } from '#loop/types.ts';
import type { Compute } from '#platform/compute.ts';
import { isWithinReach, outOfReach, readRoles } from '#platform/roles/roles.ts';
import { findKnob, keptValue } from '#runs/knob-rows.ts';
import { withAlteration } from '#runs/recipe/alter.ts';
import type { StartOptions } from '#runs/session.ts';
import type { RunRecipe } from '#storage/runs/store.ts';
import {
	allSettings,
	environmentNamed,
	environmentOf,
	methodNamed,
	recipeFor,
	modelOf,
	placesOf,
	type Catalogue,
} from './catalogue.ts';
import { askedLike, defaultAsked, readAsked, readCompute, writeAsked, type Asked } from './url.ts';

export class Setup {
	readonly catalogue: Catalogue;
	asked: Asked;
	/** Compute back end: of this machine, not of the run. */
	compute: Compute;
	/** Errors in the address, one sentence each. */
	errors: readonly string[];

	constructor(catalogue: Catalogue, query: URLSearchParams) {
		this.catalogue = catalogue;
		const read = readAsked(query, catalogue);
		this.asked = $state.raw(read.asked);
		const { compute, error } = readCompute(query);
		this.compute = $state.raw(compute);
		// A word that stands twice in the address is one error.
		this.errors = $state.raw([
			...new Set([...read.errors, ...(error === undefined ? [] : [error])]),
		]);
	}

	readonly method = $derived.by(() => recipeFor(this.catalogue, this.asked));
	readonly definition = $derived.by(() => environmentNamed(this.catalogue, this.asked.environment));
	readonly environment = $derived.by(() => environmentOf(this.catalogue, this.asked));
	/** The model that a run begins with if none is chosen. */
	readonly ownModel = $derived.by(() => modelOf(this.catalogue, this.asked));
	readonly settings = $derived(this.method ? allSettings(this.method, this.definition) : []);
	readonly query = $derived.by(() => writeAsked(this.asked, this.catalogue, this.compute));

	/** A method's knobs are its own: choosing another forgets those that were turned. */
	chooseMethod(name: string): void {
		const { seed } = this.asked;
		this.asked = { ...defaultAsked(this.catalogue, name), seed };
	}

	change(part: Partial<Pick<Asked, 'environment' | 'seed' | 'rounds'>>): void {
		const { alsoExamine, ...rest } = this.asked;
		// Another environment may begin with another model, which reads others.
		const stays = alsoExamine && (part.environment ?? rest.environment) === rest.environment;
		this.asked = { ...rest, ...(stays && { alsoExamine }), ...part };
	}

	/** Puts a cell into the recipe, or with `-` takes it out; turned knobs of cells that are there no more are forgotten. */
	alter(word: string): void {
		const method = methodNamed(this.catalogue, this.asked.method);
		if (!method) return;
		this.#take(withAlteration(method, this.asked.cells ?? [], word));
	}

	/** The cells as the method has them. */
	restoreCells(): void {
		this.#take([]);
	}

	#take(cells: readonly string[]): void {
		const { cells: _before, knobs, ...rest } = this.asked;
		const asked = cells.length > 0 ? { ...rest, cells } : rest;
		const recipe = recipeFor(this.catalogue, asked);
		const settings = recipe ? allSettings(recipe, this.definition) : [];
		const left = Object.entries(knobs).flatMap(([name, value]) => {
			const setting = findKnob(settings, name);
			return setting && setting.value !== value ? [[setting.name, value] as const] : [];
		});
		this.asked = { ...asked, knobs: Object.fromEntries(left) };
	}

	/** Another base model; undefined is the environment's own. */
	chooseModel(model: string | undefined): void {
		const { model: _before, ...rest } = this.asked;
		this.asked = model === undefined ? rest : { ...rest, model };
	}

	/** Goes back to the environment's own model and says so. */
	refuseModel(model: string): void {
		this.chooseModel(undefined);
		const own = this.ownModel;
		this.errors = [
			...this.errors,
			`There is no model "${model.slice(0, 80)}" in this browser; get it under Models, and choose it again.${own === undefined ? '' : ` Until then a run begins with ${own}.`}`,
		];
	}

	/** Environments that can be examined as well. */
	readonly places = $derived.by(() =>
		placesOf(this.catalogue, this.asked, this.asked.model ?? this.ownModel),
	);

	/** Examines this environment as well, or no longer. */
	alsoExamine(name: string, on: boolean): void {
		const { alsoExamine = [], ...rest } = this.asked;
		const names = alsoExamine.filter((one) => one !== name);
		if (on) names.push(name);
		this.asked = names.length > 0 ? { ...rest, alsoExamine: names } : rest;
	}

	/** Player of this role in the next run. */
	playerOf(role: Role): string {
		return this.asked.roles?.[role] ?? this.method?.roles?.[role] ?? 'policy';
	}

	/** Assigns a role to a player; returns an error that lists the players if it is none. */
	assign(role: Role, player: string): string | undefined {
		try {
			const given = readRoles({ [role]: player }).get(role);
			if (given?.kind === 'endpoint' && !isWithinReach(given.url, location.origin))
				return outOfReach(given.url);
		} catch (error) {
			return error instanceof Error ? error.message : String(error);
		}
		const others = Object.entries(this.asked.roles ?? {}).filter(([other]) => other !== role);
		const own = this.method?.roles?.[role] ?? 'policy';
		const given = player === own ? others : [...others, [role, player] as const];
		const { roles: _before, ...rest } = this.asked;
		this.asked = given.length > 0 ? { ...rest, roles: Object.fromEntries(given) } : rest;
		return undefined;
	}

	/** Makes the next run like this one; a run of a method or environment that is not here changes nothing. */
	adopt(run: RunRecipe): void {
		this.asked = askedLike(run, this.catalogue) ?? this.asked;
	}

	/** Would the run to be differ from this one? */
	differsFrom(run: RunRecipe): boolean {
		const { asked, settings } = this;
		const assignment = { ...this.method?.roles, ...asked.roles };
		return (
			(['method', 'environment', 'seed', 'rounds'] as const).some((p) => asked[p] !== run[p]) ||
			(asked.model ?? this.ownModel) !== run.model ||
			settings.some((s) => this.valueOf(s.name) !== (keptValue(run.knobs, s) ?? s.value)) ||
			roles.some((role) => assignment[role] !== run.roles?.[role]) ||
			asked.cells?.join() !== run.cells?.join() ||
			asked.alsoExamine?.join() !== run.alsoExamine?.join()
		);
	}

	/** The value a run would begin with. */
	valueOf(name: string): KnobValue | undefined {
		return this.asked.knobs[name] ?? this.settings.find((s) => s.name === name)?.value;
	}

	/** Turns a knob; says what is allowed when the value is not. */
	turn(name: string, value: KnobValue): string | undefined {
		const setting = this.settings.find((s) => s.name === name);
		if (!setting) return `${name} is not a knob of ${this.asked.method}.`;
		const read = readKnob(name, setting.knob, value);
		if ('error' in read) return read.error;
		const others = Object.entries(this.asked.knobs).filter(([other]) => other !== name);
		const turned = read.value === setting.value ? [] : [[name, read.value] as const];
		const knobs = Object.fromEntries([...others, ...turned]);
		this.asked = { ...this.asked, knobs };
		return undefined;
	}

	dismiss(): void {
		this.errors = [];
	}

	get start(): StartOptions {
		return { ...this.asked };
	}
}
