/**
 * @file Knowledge-free task evolution (survey 4.1): new problems out of nothing but the objective.
 *
 * Follows Lee et al. 2025: a fresh draw at the difficulty that this round practises. Differs from
 * Self-Instruct: the environment's generator writes the problems, not the model, so each is valid.
 */
import { derive, random, type Random } from '#base/random.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { defineCell } from '#loop/cell.ts';
import { drawItems } from '#loop/draw.ts';
import { reportStep } from '#loop/report.ts';
import type { Objective } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-free';

export const knowledgeFree = defineCell({
	section: '4.1',
	address,
	title: 'Knowledge-free tasks',
	step: 'evolveTasks',
	about: 'Makes up new problems, one step harder than what is mastered, with no outside material.',
	papers: ['https://arxiv.org/abs/2212.10560', 'https://arxiv.org/abs/2502.01612'],
	knobs: {
		problems: {
			kind: 'integer',
			label: 'New problems',
			help: 'How many new problems a round draws.',
			default: 400,
			min: 1,
			max: 20_000,
			step: 50,
		},
	},
	needs: [],
	create: ({ problems }) => {
		return (context) => {
			const { world, t, objective } = context;
			world.signal.throwIfAborted();
			const stream = random(derive(world.seed, 'tasks', t));
			const { environment } = world;
			const items = drawFor(objective, environment, problems, stream);
			reportStep(context, address, items.length, items.length);
			return Promise.resolve(
				items.map((item, i) => ({
					id: `new-${t}-${String(i).padStart(5, '0')}`,
					item,
					difficulty: environment.tasks.difficultyOf(item),
					stratum: environment.tasks.stratumOf(item),
					text: environment.words.show(item),
				})),
			);
		};
	},
});

/** Different problems of the practised difficulty, half of them of the stratum that the objective names, if it does. */
function drawFor(
	{ difficulty, stratum }: Objective,
	environment: EnvironmentFor<never>,
	count: number,
	stream: Random,
): readonly Item[] {
	const aimed =
		stratum === undefined
			? []
			: drawItems(environment, 'training', difficulty, Math.ceil(count / 2), stream, stratum);
	const mixed = drawItems(environment, 'training', difficulty, count, stream);
	const { keyOf } = environment.tasks;
	return [...new Map([...aimed, ...mixed].map((item) => [keyOf(item), item])).values()].slice(
		0,
		count,
	);
}
