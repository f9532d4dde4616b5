/** @file What is kept of an update row by row, and what one example changes: the real trainer on a tiny model. */
import { expect, test } from 'vitest';
import { createModels } from '#platform/models.ts';
import { openInsideApi } from '#runs/inside/inside-api.ts';
import { isScore } from '#runs/stored/score.ts';
import { setUp, settled, small } from '../bench.ts';

async function finished() {
	const bench = setUp();
	const session = bench.open();
	const done = settled(session);
	const id = await session.start({ ...small, rounds: 1 });
	await done;
	const run = await bench.store.run(id);
	if (!run) throw new Error('The run is gone.');
	return { bench, session, run, rows: await session.experiences(id) };
}

const apiOver = ({ store, model }: Awaited<ReturnType<typeof finished>>['bench']) => {
	const progress: number[] = [];
	const models = createModels(
		{ store, openModel: () => Promise.resolve(model()), now: () => 0 },
		() => undefined,
	);
	const api = openInsideApi({ models, store, emit: ({ done }) => progress.push(done) });
	return { api, progress };
};

test('a trained row says in which steps it was and which of its tokens counted', async () => {
	const { rows, run } = await finished();
	const trained = rows.filter((row) => row.trainedIn.includes(1));
	expect(trained.length).toBeGreaterThan(0);
	for (const { training = [] } of trained) {
		expect(training.map(({ t }) => t)).toEqual([1]);
		for (const { steps, said } of training) {
			expect(steps.every((step) => step >= 1 && step <= 3)).toBe(true);
			expect(said === undefined).toBe(steps.length === 0);
			expect(said?.weights ?? 1).toBe(1);
			// A word backwards, each letter with the mark of its place, and the end.
			expect(said?.tokens.at(-1) ?? '').toBe('');
		}
	}
	// Batches of eight in three steps hold no more than 24 of them.
	const drawn = trained.flatMap(({ training = [] }) => training.flatMap(({ steps }) => steps));
	expect(drawn.length).toBeGreaterThan(0);
	expect(drawn.length).toBeLessThanOrEqual(24);
	expect(rows.filter((row) => row.trainedIn.length === 0 && row.training)).toEqual([]);
	// Each answer of an examination is kept, in the order of the items.
	for (const { cells } of run.scores.filter(isScore))
		for (const { outcomes = '', correct, n } of cells) {
			expect(outcomes).toHaveLength(n);
			expect(Array.from(outcomes).filter((mark) => mark === '+')).toHaveLength(correct);
		}
});

test('a step with one example lowers its loss more than a step without it, and the run stays as it was', async () => {
	const { bench, run, rows } = await finished();
	const row = rows.find(({ fate }) => fate === 'kept');
	if (!row) throw new Error('A kept row was due.');
	const { api, progress } = apiOver(bench);
	const asked = { id: 'one', runId: run.id, t: row.t, experience: row.id, items: 4 };
	const result = await api.influence(asked);
	expect(result.own.with).toBeLessThan(result.own.without);
	expect(result.n).toBe(4);
	expect(result.batch).toBeLessThanOrEqual(8);
	expect(progress).toEqual(progress.toSorted((a, b) => a - b));
	expect(progress.at(-1)).toBe(3 * (4 + 4));
	expect(await bench.store.run(run.id)).toEqual(run);
	expect(await api.influence(asked)).toEqual(result);
});

test('it ends when it is stopped, and is refused where there is nothing to train on', async () => {
	const { bench, run, rows } = await finished();
	const row = rows.find(({ fate }) => fate === 'kept');
	const aside = rows.find(({ fate }) => fate === 'set-aside');
	if (!row || !aside) throw new Error('Rows of both kinds were due.');
	const { api } = apiOver(bench);
	const of = ({ t, id: experience }: typeof row) =>
		api.influence({ id: 'one', runId: run.id, t, experience, items: 4 });
	await expect(of(aside)).rejects.toThrow('nothing to train on');
	const stopped = of(row);
	await new Promise((resolve) => setTimeout(resolve, 20));
	await api.stopInfluence('one');
	await expect(stopped).rejects.toThrow();
});
