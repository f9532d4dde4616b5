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
import { kindOf } from '#environments/tasks.ts';
import { drawItems } from '#loop/draw.ts';
import { reportStep } from '#loop/report.ts';
import type { Objective } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-free';
const spreads = ['drawn', 'weak-kinds'] as const;
/** Problems drawn for each that is chosen, so that rare kinds are among them. */
const drawnForOne = 8;
/** Weight of a kind that never fails, beside 1 for one that always does. */
const leastWeight = 0.1;

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
		spread: {
			kind: 'choice',
			label: 'Spread',
			help: 'drawn: as the environment mixes them; weak-kinds: over the kinds of task, more of those that fail most in the last examination.',
			default: 'drawn',
			options: spreads,
		},
	},
	needs: [],
	create: ({ problems, spread }) => {
		return (context) => {
			const { world, t, objective } = context;
			world.signal.throwIfAborted();
			const stream = random(derive(world.seed, 'tasks', t));
			const { environment } = world;
			const draw = spread === 'drawn' ? drawFor : drawWeak;
			const items = draw(objective, environment, problems, stream);
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

/** Different problems of the practised difficulty, of each kind in proportion to its errors in the last examination. */
function drawWeak(
	{ difficulty, kinds: known = {} }: Objective,
	environment: EnvironmentFor<never>,
	count: number,
	stream: Random,
): readonly Item[] {
	const pool = drawItems(environment, 'training', difficulty, drawnForOne * count, stream);
	const kinds = new Map<string, Item[]>();
	for (const item of pool) {
		const kind = kindOf(environment.tasks, item);
		kinds.set(kind, [...(kinds.get(kind) ?? []), item]);
	}
	const weights = [...kinds.keys()].map((kind) => Math.max(leastWeight, 1 - (known[kind] ?? 0)));
	const whole = weights.reduce((sum, weight) => sum + weight, 0);
	const chosen = [...kinds.values()].flatMap((items, i) =>
		items.slice(0, Math.round((count * (weights[i] ?? 0)) / whole)),
	);
	// Rare kinds may not have enough, and parts are rounded.
	return [...new Set([...chosen, ...pool])].slice(0, count);
}
