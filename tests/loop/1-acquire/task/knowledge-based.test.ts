/** @file Knowledge-based tasks: records in turn, problems about nothing else, sealed ones left out, the record unseen. */
import { expect, test } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { knowledgeBased } from '#loop/1-acquire/task/knowledge-based.ts';
import { questionOf } from '#loop/rollout/ask.ts';
import { testWorld } from '../../world.ts';

const facts = openEnvironment('facts');
const all = facts.knowledge.records.length;
const tasksOf = (t: number, over: Partial<Parameters<typeof knowledgeBased.create>[0]> = {}) => {
	const { world, context } = testWorld();
	return knowledgeBased.create({ records: 10, asked: 9, first: 'turn', ...over })({
		...context({ t }),
		world: { ...world, environment: facts },
	});
};
const townsOf = async (t: number) =>
	new Set((await tasksOf(t)).map(({ item }) => String(item['town'])));

test('goes through all records before one comes again, in an order that the seed decides', async () => {
	const rounds = await Promise.all([1, 2, 3, 4, 5].map(townsOf));
	expect(rounds.map(({ size }) => size)).toEqual([10, 10, 10, 10, 10]);
	expect(new Set(rounds.slice(0, 4).flatMap((one) => [...one])).size).toBe(all);
	expect(rounds[4]).toEqual(rounds[0]);
	expect(await townsOf(1)).toEqual(rounds[0]);
	const inOrder = facts.knowledge.records.slice(0, 10).map(({ id }) => id);
	expect([...(rounds[0] ?? [])].sort()).not.toEqual(inOrder.sort());
});

test('asks only what is not held out, each question once, and no more of a record than it may', async () => {
	const tasks = await tasksOf(1, { records: all });
	const open = facts.knowledge.records
		.flatMap(({ id }) => facts.knowledge.about(id))
		.filter((item) => !facts.tasks.isHeldOut(item));
	expect(new Set(tasks.map(({ text }) => text))).toEqual(new Set(open.map(facts.words.show)));
	expect(tasks).toHaveLength(open.length);
	const few = await tasksOf(1, { records: all, asked: 2 });
	const counts = facts.knowledge.records.map(
		({ id }) => few.filter(({ item }) => item['town'] === id).length,
	);
	expect(Math.max(...counts)).toBe(2);
});

test('whoever solves a problem does not see its record', async () => {
	for (const task of await tasksOf(1)) {
		const { prompt } = questionOf(facts, task, { wording: 0 });
		const record = facts.knowledge.records.find(({ id }) => id === task.item['town']);
		expect(prompt).toEqual([{ role: 'user', content: task.text }]);
		expect(task.text).not.toContain(record?.text);
	}
});

test('what is known least comes first, where an examination tells records apart', async () => {
	const words = openEnvironment('translation', { words: 'new' });
	const { world, context } = testWorld();
	const ids = words.knowledge?.records.map(({ id }) => id) ?? [];
	const weakest = new Set(ids.slice(5, 8));
	const kinds = Object.fromEntries(ids.map((id) => [id, weakest.has(id) ? 0.1 : 0.9]));
	const { knowledge } = words;
	if (!knowledge) throw new Error('no records');
	const at = {
		...context({ objective: { ...context().objective, kinds } }),
		world: { ...world, environment: { ...words, knowledge } },
	};
	const take = (first: 'turn' | 'unknown') =>
		knowledgeBased.create({ records: 3, asked: 4, first })(at);
	const takenBy = async (first: 'turn' | 'unknown') =>
		new Set((await take(first)).map(({ item }) => words.tasks.kindOf?.(item)));
	expect(await takenBy('unknown')).toEqual(weakest);
	expect(await takenBy('turn')).not.toEqual(weakest);
});
