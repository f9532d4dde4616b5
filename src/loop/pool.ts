/** @file A fixed pool of problems of several difficulties, the same in every round, and its knobs. */
import type { Knobs, KnobValues } from '#base/knobs.ts';
import { derive, random } from '#base/random.ts';
import { drawItems } from './draw.ts';
import type { Context, Task } from './types.ts';

export const poolKnobs = {
	selected: {
		kind: 'integer',
		label: 'Problems a round',
		help: 'How many problems a round takes from the pool.',
		default: 400,
		min: 1,
		max: 20_000,
		step: 50,
	},
	poolSize: {
		kind: 'integer',
		label: 'Pool',
		help: 'How many problems of each difficulty the pool holds.',
		default: 1000,
		min: 1,
		max: 20_000,
		step: 100,
	},
	poolFrom: {
		kind: 'integer',
		label: 'Easiest',
		help: 'Easiest difficulty of the pool, counted from the one being practised.',
		default: -2,
		min: -32,
		max: 32,
	},
	poolTo: {
		kind: 'integer',
		label: 'Hardest',
		help: 'Hardest difficulty of the pool, counted from the one being practised.',
		default: 2,
		min: -32,
		max: 32,
	},
} as const satisfies Knobs;

/** The pool around the practised difficulty, in another random order each round. */
export function shuffledPool(
	{ poolSize, poolFrom, poolTo }: Omit<KnobValues<typeof poolKnobs>, 'selected'>,
	{ world, t, objective }: Context,
): readonly Task[] {
	const { environment } = world;
	const { min, max } = environment.tasks.difficulty;
	const within = (difficulty: number) => Math.max(min, Math.min(max, difficulty));
	const from = within(objective.difficulty + Math.min(poolFrom, poolTo));
	const to = within(objective.difficulty + Math.max(poolFrom, poolTo));
	const pool = Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((difficulty) => {
		// The same pool in every round: the seed does not know t.
		const stream = random(derive(world.seed, 'pool', difficulty));
		const items = drawItems(environment, 'training', difficulty, poolSize, stream);
		return items.map((item, i) => ({
			id: `pool-${difficulty}-${String(i).padStart(5, '0')}`,
			item,
			difficulty: environment.tasks.difficultyOf(item),
			stratum: environment.tasks.stratumOf(item),
			text: environment.words.show(item),
		}));
	});
	return random(derive(world.seed, 'selection', t)).shuffle(pool);
}
