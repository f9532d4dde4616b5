/**
 * @file Mutation of tasks (survey 4.1, knowledge-free tasks): new problems are made of old ones by adding to them, in depth,
 * or by changing a part, in breadth.
 *
 * After Evol-Instruct (Xu et al. 2023), whose model rewrites an instruction in these two ways. Differs: the environment alters
 * the problem itself, a program say, so that each is valid and none fails to evolve. Parents are problems that were solved.
 */
import { derive, random } from '#base/random.ts';
import type { Item } from '#environments/item.ts';
import { defineCell } from '#loop/cell.ts';
import { asTask, drawItems } from '#loop/draw.ts';
import { reportStep } from '#loop/report.ts';
import type { Task } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-free/mutation';

export const mutation = defineCell({
	section: '4.1',
	address,
	title: 'Mutation of tasks',
	step: 'evolveTasks',
	about: 'Makes new problems of solved ones, by adding a part or changing one.',
	papers: ['https://arxiv.org/abs/2304.12244'],
	knobs: {
		mutations: {
			kind: 'integer',
			label: 'New problems',
			help: 'How many new problems a round makes; fewer where no more are found.',
			default: 400,
			min: 1,
			max: 20_000,
			step: 50,
		},
		deeper: {
			kind: 'number',
			label: 'Made harder',
			help: 'Share of the new problems with a part added to them; the others have one changed.',
			default: 0.5,
			min: 0,
			max: 1,
			step: 0.05,
		},
		easier: {
			kind: 'integer',
			label: 'Parents easier by',
			help: 'How many steps below the practised difficulty the problems lie that are altered before any was solved; the steps between come in as well.',
			default: 0,
			min: 0,
			max: 32,
		},
	},
	needs: ['variation'],
	create: ({ mutations, deeper, easier }) => {
		return async (context) => {
			const { world, t, objective } = context;
			const { environment } = world;
			const { tasks, variation } = environment;
			const stream = random(derive(world.seed, 'mutation', t));
			const solved = (await world.past()).map(({ task }) => task.item);
			world.signal.throwIfAborted();
			const from = Math.max(tasks.difficulty.min, objective.difficulty - easier);
			const difficulties = Array.from(
				{ length: Math.max(1, objective.difficulty - from) },
				(_, i) => from + i,
			);
			const share = Math.ceil(mutations / difficulties.length);
			const drawn = difficulties.flatMap((at) =>
				drawItems(environment, 'training', at, share, stream),
			);
			// What was solved comes first; the generator fills up.
			const parents = [...stream.shuffle(solved), ...drawn];
			const known = new Set(parents.map(tasks.keyOf));
			const made: Task[] = [];
			const add = (item: Item | null): void => {
				if (!item || tasks.isHeldOut(item) || known.has(tasks.keyOf(item))) return;
				known.add(tasks.keyOf(item));
				made.push(
					asTask(environment, `mutated-${t}-${String(made.length).padStart(5, '0')}`, item),
				);
			};
			for (let pass = 0; pass < passes && made.length < mutations; pass++)
				for (const parent of parents) {
					if (made.length >= mutations) break;
					const alter = stream.next() < deeper ? variation.deeper : variation.wider;
					add(alter(parent, stream));
				}
			reportStep(context, address, made.length, made.length);
			return made;
		};
	},
});

/** Times that every parent may have a child. */
const passes = 4;
