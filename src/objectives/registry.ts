/**
 * @file Registry of objectives and penalties, found by name. An objective in a plan is plain data, such as
 * `{ name: 'dpo', beta: 0.1, labelSmoothing: 0 }`.
 */
import { readKnob, type Knobs, type KnobValue, type KnobValues } from '#base/knobs.ts';
import { definitions } from './index.ts';
import type { Definition, Objective } from './objective.ts';

/** Objectives, the default first. */
export const objectives = definitions
	.filter((one) => one.role === 'objective')
	.toSorted((a, b) => Number(b.name === 'supervised') - Number(a.name === 'supervised'));

/** Penalties that can be added to an objective. */
export const penalties = definitions.filter((one) => one.role === 'penalty');

type Spec<D> =
	D extends Definition<infer N, infer K> ? { readonly name: N } & KnobValues<K> : never;

/** An objective as plain data. */
export type ObjectiveSpec = Spec<(typeof objectives)[number]>;
/** A penalty as plain data. */
export type PenaltySpec = Spec<(typeof penalties)[number]>;

/** The objective that a plan names. */
export const openObjective = (spec: ObjectiveSpec): Objective => open(objectives, spec);
/** The penalty that a plan names. */
export const openPenalty = (spec: PenaltySpec): Objective => open(penalties, spec);

/** The objective of this name; each option has the value of its name, or else its default. */
export function objectiveSpec(
	name: ObjectiveSpec['name'],
	values: Readonly<Record<string, KnobValue>>,
): ObjectiveSpec {
	const options: Definition['options'] = definitionOf(objectives, name).options;
	const chosen = Object.entries(options).map(([option, knob]) => [
		option,
		values[option] ?? knob.default,
	]);
	return { name, ...Object.fromEntries(chosen) } as ObjectiveSpec;
}

/** Throws a RangeError that names what is allowed if a name or an option is not. */
function open(
	from: readonly Definition[],
	spec: { readonly name: string } & Readonly<Record<string, KnobValue>>,
): Objective {
	const { name, ...given } = spec;
	const found = definitionOf(from, name);
	const options = Object.entries(found.options).map(([option, knob]) => {
		const read = readKnob(option, knob, given[option] ?? knob.default);
		if ('error' in read) throw new RangeError(read.error);
		return [option, read.value] as const;
	});
	return found.create(Object.fromEntries(options) as KnobValues<Knobs>);
}

function definitionOf(from: readonly Definition[], name: string): Definition {
	const found = from.find((one) => one.name === name);
	if (found) return found;
	const names = from.map((one) => one.name).join(', ');
	throw new RangeError(`There is no objective "${name}"; these are: ${names}.`);
}
