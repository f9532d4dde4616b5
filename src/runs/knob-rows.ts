/**
 * @file Knobs of a recipe by name. A knob belongs to its cell: `replay.share` is the knob `share` of the cell
 * `3-update/in-weight/replay`. Its short name, `share`, is enough as long as no other cell of the recipe has another knob
 * of that name; cells that share one declaration share one knob.
 *
 * A record keeps the name of the row: the short one where it is enough, as in records of before.
 */
import { nearest } from '#base/nearest.ts';
import { readKnob, type Knob, type KnobValue, type Knobs } from '#base/knobs.ts';
import type { EnvironmentDefinition } from '#environments/environment.ts';
import { choicesOf, RecipeError, type Recipe } from '#methods/parts/method.ts';

/** A knob of a recipe as it stands. */
export interface KnobRow {
	/** The short name, or `<cell>.<short>` if another cell of the recipe has another knob of that name. */
	readonly name: string;
	/** As the cell declares it. */
	readonly short: string;
	readonly knob: Knob;
	readonly value: KnobValue;
	/** Value of the recipe, or the knob's default. */
	readonly preset: KnobValue;
	/** Addresses of the cells that read it, or `environments/<name>`. */
	readonly readBy: readonly [string, ...string[]];
}

type Overrides = Readonly<Record<string, KnobValue>>;

/** A knob before it is named. */
interface Declared {
	readonly short: string;
	readonly knob: Knob;
	readonly preset: KnobValue;
	readonly readBy: readonly [string, ...string[]];
}

/** The row of a knob that a cell declares under this name. */
export const rowOf = (rows: readonly KnobRow[], short: string, knob: Knob): KnobRow | undefined =>
	rows.find((row) => row.short === short && row.knob === knob);

/** `replay.share` for every cell that reads the knob. */
const fullNames = ({ readBy, short }: Pick<Declared, 'readBy' | 'short'>): readonly string[] =>
	readBy.map((address) => `${address.slice(address.lastIndexOf('/') + 1)}.${short}`);

/** Names and readers of a knob. */
export type NamedKnob = Pick<KnobRow, 'name' | 'short' | 'readBy' | 'knob'>;

/** The knob of this name: its row's, the name by any cell that reads it, or one of both as it was before. */
export const findKnob = <T extends NamedKnob>(rows: readonly T[], name: string): T | undefined =>
	rows.find((row) => row.name === name || fullNames(row).includes(name)) ??
	rows.find(({ knob: { was }, readBy }) => {
		if (was === undefined) return false;
		return was === name || fullNames({ readBy, short: was }).includes(name);
	});

/** The value that a record keeps for a knob, under whatever name. */
export const keptValue = (knobs: Overrides, row: NamedKnob): KnobValue | undefined =>
	Object.entries(knobs).findLast(([name]) => findKnob([row], name))?.[1];

/** One sentence about a name that `findKnob` does not know: the names it may mean, or the nearest. */
export function unknownKnob(rows: readonly NamedKnob[], name: string, method: string): string {
	const meant = rows.filter(({ short }) => short === name).map((row) => row.name);
	if (meant.length > 0)
		return `Method ${method} has several knobs "${name}": name ${meant.join(' or ')}.`;
	const names = rows.flatMap((row) => (name.includes('.') ? fullNames(row) : [row.name]));
	const meantOne = nearest(names, name);
	const remedy = meantOne
		? `did you mean ${meantOne}?`
		: 'each part of the recipe, and --help in the terminal, names its own.';
	return `Method ${method} has no knob "${name}"; ${remedy}`;
}

/** Every knob of a recipe and its environment at its requested value; throws `RecipeError`. */
export function knobsOf(
	recipe: Recipe,
	overrides: Overrides = {},
	environment?: EnvironmentDefinition,
): readonly KnobRow[] {
	const declared = declaredIn(recipe, environment);
	const named = declared.map((one) => {
		const isAmbiguous = declared.some((other) => other !== one && other.short === one.short);
		return { ...one, name: isAmbiguous ? (fullNames(one)[0] ?? one.short) : one.short };
	});
	for (const name of Object.keys(overrides))
		if (!findKnob(named, name)) throw new RecipeError(unknownKnob(named, name, recipe.name));
	return named.map((row) => {
		const { name, knob, preset } = row;
		// A knob may be given under both names, as when a stored one is turned: the last one counts.
		return { ...row, value: valueOf(name, knob, keptValue(overrides, row) ?? preset) };
	});
}

/** The knobs of all cells, one for each declaration; what any of its readers sets holds for all. */
function declaredIn(recipe: Recipe, environment?: EnvironmentDefinition): readonly Declared[] {
	const declared: Declared[] = [];
	const add = (reader: string, knobs: Knobs, set: Overrides): void => {
		for (const [short, knob] of Object.entries(knobs)) {
			const place = declared.findIndex((one) => one.short === short && one.knob === knob);
			const known = declared[place];
			const preset = valueOf(short, knob, set[short] ?? known?.preset ?? knob.default);
			const readBy = [...(known?.readBy ?? []), reader] as [string, ...string[]];
			declared.splice(place < 0 ? declared.length : place, known ? 1 : 0, {
				...{ short, knob, preset, readBy },
			});
		}
	};
	for (const { cell, set } of choicesOf(recipe)) add(cell.address, cell.knobs, set);
	if (environment)
		add(`environments/${environment.name}`, environment.knobs, recipe.environmentKnobs ?? {});
	return declared;
}

function valueOf(name: string, knob: Knob, value: KnobValue): KnobValue {
	const read = readKnob(name, knob, value);
	if ('error' in read) throw new RecipeError(read.error);
	return read.value;
}
