/** @file Examples of what a policy could do before this round: its first lessons, and what it kept since. */
import { shownPrompt } from '#base/prompt.ts';
import { derive, random, type Random } from '#base/random.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { trainingView } from '#environments/tasks.ts';
import { drawItems } from '#loop/draw.ts';
import type { Example } from '#loop/example.ts';
import type { Context, Lessons } from '#loop/types.ts';
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
	const [from, to] = lessons.range ?? [0, -1];
	const own = Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((difficulty) => {
		const stream = random(derive(world.seed, 'replay', t, difficulty));
		const items = drawItems(environment, 'training', difficulty, count, stream);
		return items.flatMap((item): readonly Example[] =>
			lessons.conversation
				? conversed(item, difficulty, lessons.conversation, environment, stream)
				: [{ kind: 'answer', item, difficulty, answer: lessons.answerTo(item) }],
		);
	});
	const others = lessons.elsewhere?.(count, derive(world.seed, 'replay', t)) ?? [];
	return [...own, ...others.map((one) => ({ kind: 'text' as const, ...one }))];
}

/** What was learnt of a conversation in some view, turn by turn. */
function conversed(
	item: Item,
	difficulty: number,
	conversation: NonNullable<Lessons['conversation']>,
	environment: EnvironmentFor<never>,
	stream: Random,
): readonly Example[] {
	const view = trainingView(environment.tasks, item, stream);
	const examples: Example[] = [];
	let prompt = shownPrompt(environment.open(item, view).first());
	for (const { content, learnt } of conversation(item, view, stream)) {
		if (learnt) examples.push({ kind: 'text', difficulty, prompt, completion: content });
		prompt += content;
	}
	return examples;
}
