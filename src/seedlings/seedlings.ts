/** @file Seedlings: the environment in which each begins, and what it is taught before any run. */
import type { KnobValue } from '#base/knobs.ts';
import { openEnvironment } from '#environments/registry.ts';
import type { SeedlingName } from './alphabets.ts';
import type { Glimpses, Lesson } from './pretraining.ts';

/** What a seedling was taught in one environment; it begins in the first. */
export interface Taught {
	/** Its name. */
	readonly environment: string;
	/** Knob values that the environment must have; knobs left out may have any. */
	readonly knobs: Readonly<Record<string, KnobValue>>;
	/** Difficulties taught, inclusive. */
	readonly range: readonly [from: number, to: number];
}

/** A small model pre-trained for one environment, or for several. */
export interface Seedling extends Taught {
	/** Environments whose problems it is taught; each is drawn equally often. */
	lessons(): readonly Lesson[];
	/** Taught now and then, past what the curriculum grows to; counted as taught only where `range` says so. */
	readonly glimpses?: Glimpses;
	/** Beside its own, environments that it was taught, too, each with the knobs and difficulties. */
	readonly also?: readonly Taught[];
}

/** Of the seedling with several skills, all but the one that it begins with. */
const otherSkills = [
	{ environment: 'addition', knobs: { format: 'hints' }, range: [1, 5] },
	{ environment: 'sorting', knobs: {}, range: [1, 5] },
	{ environment: 'order', knobs: {}, range: [2, 4] },
	{ environment: 'blocks', knobs: {}, range: [2, 5] },
] as const satisfies readonly Taught[];

/** By folder under `public/models/`. */
export const seedlings = {
	addition: {
		environment: 'addition',
		knobs: { format: 'hints' },
		range: [1, 8],
		lessons: () => [openEnvironment('addition', { format: 'hints' })],
	},
	'addition-plain': {
		environment: 'addition',
		knobs: { format: 'plain' },
		range: [1, 8],
		lessons: () => [openEnvironment('addition', { format: 'plain' })],
	},
	'addition-scratchpad': {
		environment: 'addition',
		knobs: { format: 'scratchpad' },
		range: [1, 6],
		lessons: () => [openEnvironment('addition', { format: 'scratchpad' })],
	},
	calculator: {
		environment: 'calculator',
		knobs: {},
		range: [1, 3],
		glimpses: { range: [4, 8], oneIn: 24 },
		lessons: () => [openEnvironment('calculator')],
	},
	'list-programs': {
		environment: 'list-programs',
		knobs: {},
		range: [1, 2],
		glimpses: { range: [3, 5], oneIn: 16 },
		lessons: () => [openEnvironment('list-programs')],
	},
	reversal: {
		environment: 'reversal',
		knobs: { means: 'taught' },
		range: [1, 8],
		lessons: () => [
			openEnvironment('reversal', { direction: 'reverse' }),
			openEnvironment('reversal', { direction: 'copy' }),
		],
	},
	sorting: {
		environment: 'sorting',
		knobs: {},
		range: [1, 8],
		lessons: () => [openEnvironment('sorting')],
	},
	order: {
		environment: 'order',
		knobs: {},
		range: [2, 6],
		lessons: () => [openEnvironment('order')],
	},
	blocks: {
		environment: 'blocks',
		knobs: {},
		// From seven on as glimpses only, which are enough for up to nine.
		range: [2, 9],
		glimpses: { range: [7, 11], oneIn: 16 },
		lessons: () => [openEnvironment('blocks')],
	},
	translation: {
		environment: 'translation',
		knobs: { words: 'taught' },
		range: [2, 8],
		lessons: () => [openEnvironment('translation')],
	},
	persona: {
		environment: 'persona',
		knobs: {},
		range: [2, 4],
		lessons: () => [openEnvironment('persona')],
	},
	nim: {
		environment: 'nim',
		knobs: { asks: 'best', working: 'sums' },
		// From seven on as glimpses only, which are enough for up to nine.
		range: [2, 9],
		glimpses: { range: [7, 10], oneIn: 16 },
		lessons: () => [openEnvironment('nim')],
	},
	tictactoe: {
		environment: 'tictactoe',
		knobs: { asks: 'best' },
		range: [4, 6],
		lessons: () => [
			openEnvironment('tictactoe'),
			{ ...openEnvironment('tictactoe', { asks: 'legal' }), range: [7, 12] },
		],
	},
	grid: {
		environment: 'grid',
		knobs: {},
		// From five on as glimpses only.
		range: [1, 6],
		glimpses: { range: [5, 6], oneIn: 16 },
		lessons: () => [openEnvironment('grid')],
	},
	edits: {
		environment: 'edits',
		knobs: {},
		range: [1, 3],
		glimpses: { range: [4, 7], oneIn: 24 },
		lessons: () => [openEnvironment('edits')],
	},
	polyglot: {
		environment: 'reversal',
		knobs: { direction: 'reverse', means: 'taught' },
		range: [1, 6],
		also: otherSkills,
		lessons: () => [
			{ ...openEnvironment('reversal'), range: [1, 6] },
			...otherSkills.map(({ environment, knobs, range }) => ({
				...openEnvironment(environment, knobs),
				range,
			})),
		],
	},
} as const satisfies Readonly<Record<SeedlingName, Seedling>>;

/** The seedling that begins in this environment with these knob values; undefined if there is none. */
export function seedlingOf(
	environment: string,
	knobs: Readonly<Record<string, KnobValue>>,
): (Pick<Seedling, 'range'> & { readonly name: SeedlingName }) | undefined {
	for (const [name, seedling] of Object.entries<Seedling>(seedlings)) {
		const fits = Object.entries(seedling.knobs).every(([knob, value]) => knobs[knob] === value);
		if (seedling.environment === environment && fits)
			return { name: name as SeedlingName, range: seedling.range };
	}
	return undefined;
}

/** The seedling that begins in this environment, with whatever knob values; undefined if there is none. */
export const relativeOf = (environment: string): SeedlingName | undefined =>
	Object.entries<Seedling>(seedlings).find(
		([, seedling]) => seedling.environment === environment,
	)?.[0] as SeedlingName | undefined;

/** All that a model was taught, if this environment is among it; none otherwise. */
export function taughtThere(model: string, environment: string): readonly Taught[] {
	const seedling: Seedling | undefined = Object.hasOwn(seedlings, model)
		? seedlings[model as SeedlingName]
		: undefined;
	const { also = [] } = seedling ?? {};
	const all = seedling ? [seedling, ...also] : [];
	return all.some((one) => one.environment === environment)
		? all.map(({ environment: name, knobs, range }) => ({ environment: name, knobs, range }))
		: [];
}

/**
 * What a model was taught in this environment with these knob values, and beside that in others; undefined if it was not.
 */
export function taughtTo(
	model: string,
	environment: string,
	knobs: Readonly<Record<string, KnobValue>>,
): { readonly range: Taught['range']; readonly also: readonly Taught[] } | undefined {
	const seedling: Seedling | undefined = Object.hasOwn(seedlings, model)
		? seedlings[model as SeedlingName]
		: undefined;
	if (!seedling) return undefined;
	const { knobs: own, range, also = [] } = seedling;
	const all: readonly Taught[] = [
		{ environment: seedling.environment, knobs: own, range },
		...also,
	];
	const here = all.find(
		(one) =>
			one.environment === environment &&
			Object.entries(one.knobs).every(([knob, value]) => knobs[knob] === value),
	);
	return here && { range: here.range, also: all.filter((one) => one !== here) };
}
