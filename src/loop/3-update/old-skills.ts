/** @file Examples of what a policy could do before this round: its first lessons, and what it kept since. */
import { derive, random } from '#base/random.ts';
import { drawItems } from '#loop/draw.ts';
import type { Example } from '#loop/example.ts';
import type { Context } from '#loop/types.ts';
import { examplesOf } from './plan.ts';

/** Source of old skills: what the model was first taught, the rounds since, or both. */
export const oldFrom = ['both', 'base', 'rounds'] as const;

/** No held-out problem is among them. `problems` of each difficulty of the first lessons, drawn anew each round. */
export async function oldSkills(
	from: (typeof oldFrom)[number],
	problems: number,
	context: Context,
): Promise<readonly Example[]> {
	const { world, t } = context;
	const old: Example[] = [];
	if (from !== 'rounds') old.push(...firstLessons(context, problems));
	if (from !== 'base') {
		const past = (await world.past()).filter((experience) => experience.t < t);
		old.push(...examplesOf(past, world.environment));
	}
	return old;
}

/** Problems of the base range with their true answers: the data the seedling grew from. */
function firstLessons({ world, t }: Context, count: number): readonly Example[] {
	const { environment, lessons } = world;
	if (!lessons) return [];
	const [from, to] = lessons.range;
	return Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((difficulty) => {
		const stream = random(derive(world.seed, 'replay', t, difficulty));
		return drawItems(environment, 'training', difficulty, count, stream).map((item) => ({
			kind: 'answer' as const,
			item,
			difficulty,
			answer: lessons.answerTo(item),
		}));
	});
}
