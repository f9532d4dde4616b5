/** @file How an environment is opened by name. */
import { readKnob } from '#base/knobs.ts';
import type { KnobValue, KnobValues, Knobs } from '#base/knobs.ts';
import type { Environment, EnvironmentDefinition } from './environment.ts';
import { environments } from './index.ts';

export { environments };

export type EnvironmentName = keyof typeof environments;

/** With the facets that an environment is known to have, where its name is known. */
export type Opened<N extends string> = N extends EnvironmentName
	? ReturnType<(typeof environments)[N]['create']>
	: Environment;

/** An unknown name or a knob out of range; the message is one sentence that says what is allowed. */
export class EnvironmentError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'EnvironmentError';
	}
}

/** What an environment declares: its title, papers and knobs. */
export function definitionOf(name: string): EnvironmentDefinition {
	if (!Object.hasOwn(environments, name))
		throw new EnvironmentError(
			`Environment must be one of ${Object.keys(environments).join(', ')}; got "${name}".`,
		);
	return environments[name as EnvironmentName];
}

/** The environment of that name; knobs left out are at their default, others must be its own. */
export function openEnvironment<const N extends string>(
	name: N,
	knobValues: Readonly<Record<string, KnobValue>> = {},
): Opened<N> {
	const definition = definitionOf(name);
	const allowed = Object.keys(definition.knobs);
	for (const knob of Object.keys(knobValues))
		if (!allowed.includes(knob))
			throw new EnvironmentError(
				`Environment ${name} has ${allowed.length > 0 ? `the knobs ${allowed.join(', ')}` : 'no knobs'}; got "${knob}".`,
			);
	const values = Object.entries(definition.knobs).map(([knob, declared]) => {
		const read = readKnob(knob, declared, knobValues[knob] ?? declared.default);
		if ('error' in read) throw new EnvironmentError(read.error);
		return [knob, read.value] as const;
	});
	return definition.create(Object.fromEntries(values) as KnobValues<Knobs>) as Opened<N>;
}
