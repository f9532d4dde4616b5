/**
 * @file Knowledge-based task evolution (survey 4.1): problems that are made of the records of a body of knowledge.
 *
 * Each round takes some records, as UltraChat (Ding et al. 2023) goes through the entities of Wikidata, and asks what can
 * be asked about them; none comes again before all had their turn. Who solves the problems does not see the record.
 * Differs: the environment writes the questions, from a table.
 */
import { derive, random } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import type { Task } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-based';

export const knowledgeBased = defineCell({
	section: '4.1',
	address,
	title: 'Knowledge-based tasks',
	step: 'evolveTasks',
	about: 'Makes problems of the records of a table, a few more of them each round.',
	papers: ['https://arxiv.org/abs/2305.14233', 'https://arxiv.org/abs/2305.03047'],
	knobs: {
		records: {
			kind: 'integer',
			label: 'Records a round',
			help: 'How many records each round asks about, in a random order; when all had their turn it begins again.',
			default: 10,
			min: 1,
			max: 10_000,
		},
		asked: {
			kind: 'integer',
			label: 'Questions of a record',
			help: 'At most so many problems are made of each record.',
			default: 9,
			min: 1,
			max: 1000,
		},
		first: {
			kind: 'choice',
			label: 'First come',
			help: 'turn: each record in its turn; unknown: those whose problems failed most in the last examination, if it tells them apart.',
			default: 'turn',
			options: ['turn', 'unknown'],
		},
	},
	needs: ['knowledge'],
	create: ({ records, asked, first }) => {
		return (context) => {
			const { world, t, objective } = context;
			world.signal.throwIfAborted();
			const { knowledge, tasks, words } = world.environment;
			const order = random(derive(world.seed, 'knowledge')).shuffle(knowledge.records);
			const inTurn = order.map((_, i) => order[((t - 1) * records + i) % order.length]);
			const known = (id = ''): number => objective.kinds?.[id] ?? 0;
			const sorted =
				first === 'turn' ? inTurn : inTurn.toSorted((a, b) => known(a?.id) - known(b?.id));
			const taken = sorted.slice(0, records).flatMap((record) => (record ? [record] : []));
			const made = taken.flatMap(({ id }): readonly Task[] => {
				const stream = random(derive(world.seed, 'knowledge/asked', t, id));
				return stream
					.shuffle(knowledge.about(id).filter((item) => !tasks.isHeldOut(item)))
					.slice(0, asked)
					.map((item, i) => ({
						id: `record-${t}-${id}-${i}`,
						item,
						difficulty: tasks.difficultyOf(item),
						stratum: tasks.stratumOf(item),
						text: words.show(item),
					}));
			});
			reportStep(context, address, made.length, made.length);
			return Promise.resolve(made);
		};
	},
});
