/**
 * @file Environments that a run examines beside the one it practises: named `sorting`, or with knobs
 * `reversal:direction=copy`, and joined to the model by whether it can read them.
 */
import { random } from '#base/random.ts';
import { readKnob, type KnobValue } from '#base/knobs.ts';
import { SessionFailure } from '#base/failure.ts';
import { writeAnswer } from '#environments/answers.ts';
import type { Environment, EnvironmentDefinition } from '#environments/environment.ts';
import { definitionOf, EnvironmentError, openEnvironment } from '#environments/registry.ts';
import type { Place } from '#loop/types.ts';
import type { OpenModel } from '#platform/platform.ts';
import { alphabets, type SeedlingName } from '#seedlings/alphabets.ts';
import { taughtTo } from '#seedlings/seedlings.ts';
import { assertCanChat } from './join.ts';

/** Difficulties that are examined where the model was taught none: so many, from the easiest. */
const untaught = 4;

/** An environment with every knob at its value. */
export interface Named {
	readonly definition: EnvironmentDefinition;
	readonly knobs: Readonly<Record<string, KnobValue>>;
}

/** Every name is of one environment: only knobs that differ from their default are in it, in the order of their declaration. */
export const nameOf = ({ definition, knobs }: Named): string =>
	[
		definition.name,
		...Object.entries(definition.knobs)
			.filter(([name, knob]) => (knobs[name] ?? knob.default) !== knob.default)
			.map(([name]) => `${name}=${String(knobs[name])}`),
	].join(':');

/** Reads `<environment>[:<knob>=<value>…]`; throws an `EnvironmentError` that names what is allowed. */
export function readName(name: string): Named {
	const [environment = '', ...settings] = name.trim().split(':');
	const definition = definitionOf(environment);
	const knobs: Record<string, KnobValue> = {};
	for (const [knob, declared] of Object.entries(definition.knobs)) knobs[knob] = declared.default;
	for (const setting of settings) {
		const [, knob = '', value = ''] = /^([^=]*)=(.*)$/s.exec(setting) ?? [];
		const declared = Object.hasOwn(definition.knobs, knob) ? definition.knobs[knob] : undefined;
		if (!declared) {
			const allowed = Object.keys(definition.knobs).map((one) => `${one}=…`);
			throw new EnvironmentError(
				`Environment ${environment} takes ${allowed.length > 0 ? allowed.join(' and ') : 'no settings'} after a colon; got "${setting}".`,
			);
		}
		const read = readKnob(knob, declared, value);
		if ('error' in read) throw new EnvironmentError(read.error);
		knobs[knob] = read.value;
	}
	return { definition, knobs };
}

/** Canonical names, each once; throws an `EnvironmentError` if one is no environment or the practised one. */
export function readPlaces(names: readonly string[], practised: Named): readonly string[] {
	const read = [...new Set(names.map((name) => nameOf(readName(name))))];
	const own = nameOf(practised);
	if (read.includes(own))
		throw new EnvironmentError(
			`${own} is practised and examined in any case; leave it out of what is also examined.`,
		);
	return read;
}

/** The environments with the difficulties that are examined there: those that the model was taught, else the easiest. */
export const openPlaces = (names: readonly string[], model: string): readonly Place<'score'>[] =>
	names.map((name) => {
		const { definition, knobs } = readName(name);
		const environment: Environment = openEnvironment(definition.name, knobs);
		const { min, max } = environment.tasks.difficulty;
		const range =
			taughtTo(model, definition.name, knobs)?.range ??
			([min, Math.min(max, min + untaught - 1)] as const);
		return { name, environment, range };
	});

/**
 * Environments that a run of this model can examine beside the practised one, one for each setting of their choices. For
 * a seedling, those that its characters suffice for; of any other model nothing is known before it is open.
 */
export function placesFor(
	model: string,
	practised: Named,
	definitions: readonly EnvironmentDefinition[],
): readonly Place<'score'>[] {
	const own = nameOf(practised);
	const names = definitions.flatMap((definition) =>
		choicesOf(definition).map((knobs) => nameOf({ definition, knobs })),
	);
	const places = openPlaces(
		names.filter((name) => name !== own),
		model,
	);
	const alphabet: ReadonlySet<string> | undefined = Object.hasOwn(alphabets, model)
		? new Set<string>(alphabets[model as SeedlingName])
		: undefined;
	if (!alphabet) return places;
	return places.filter(
		({ environment, range }) =>
			!environment.chat &&
			[...range].every((difficulty) =>
				textsOf(environment, difficulty).every((text) =>
					Array.from(text).every((character) => alphabet.has(character)),
				),
			),
	);
}

/** Every setting of the knobs that are choices, the others at their defaults. */
const choicesOf = ({ knobs }: EnvironmentDefinition): readonly Named['knobs'][] =>
	Object.entries(knobs).reduce<readonly Named['knobs'][]>(
		(settings, [name, knob]) =>
			settings.flatMap((setting) =>
				(knob.kind === 'choice' ? knob.options : [knob.default]).map((value) => ({
					...setting,
					[name]: value,
				})),
			),
		[{}],
	);

/** Refuses a place whose prompts or answers the model cannot hold; throws a `SessionFailure`. */
export function assertCanRead(
	{ name, environment, range }: Place<'score'>,
	model: Pick<OpenModel, 'name' | 'chat' | 'tokenizer' | 'spec'>,
): void {
	assertCanChat({ ...environment, name }, model);
	const refuse = (why: string): never => {
		throw new SessionFailure(
			'bad-request',
			`Model ${model.name} cannot be examined in ${name}: ${why}. Leave it out of what is also examined.`,
		);
	};
	const [from, to] = range;
	const longest = environment.maxTokens(to);
	if (longest.prompt + longest.answer > model.spec.contextLength)
		refuse(
			`it takes up to ${longest.prompt + longest.answer} tokens, and the model reads ${model.spec.contextLength}`,
		);
	for (let difficulty = from; difficulty <= to; difficulty++)
		for (const text of textsOf(environment, difficulty))
			try {
				model.tokenizer.encode(text);
			} catch (error) {
				refuse((error instanceof Error ? error.message : String(error)).replace(/[;.].*$/s, ''));
			}
}

/** A prompt and, if it has a form, an answer of this difficulty; of chats nothing, since any text is read there. */
function textsOf(
	environment: Place<'score'>['environment'],
	difficulty: number,
): readonly string[] {
	if (environment.chat) return [];
	const stream = random(difficulty);
	const item = environment.tasks.draw(difficulty, stream);
	const [view] = environment.tasks.views(item, 1, stream);
	const prompt = view && environment.open(item, view).first();
	if (!view || typeof prompt !== 'string') return [];
	const { answers, reference }: Partial<Pick<Environment, 'answers' | 'reference'>> = environment;
	if (!answers || !reference) return [prompt];
	return [prompt, writeAnswer({ answers }, item, view, reference.solve(item))];
}
