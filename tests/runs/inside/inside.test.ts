/** @file What is kept of an update row by row, and what one example changes: the real trainer on a tiny model. */
import { expect, test } from 'vitest';
import { createModels } from '#platform/models.ts';
import { loraTargets } from '#model/adapter.ts';
import { moduleChanges } from '#runs/inside/changes.ts';
import { openInsideApi } from '#runs/inside/inside-api.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import { isScore } from '#runs/stored/score.ts';
import { setUp, settled, small } from '../bench.ts';

async function finished() {
	const bench = setUp();
	const session = bench.open();
	const done = settled(session);
	// Past what the tiny model was taught, where some answers are set aside.
	const knobs = { ...small.knobs, begins: 'taught' };
	const id = await session.start({ ...small, rounds: 1, knobs });
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

test('what an adapter changes is told by module, and by token of right answers to held-out problems', async () => {
	const { bench, run } = await finished();
	const { api } = apiOver(bench);
	const difficulty = 4;
	const { modules, answers } = await api.adapterChanges(run.id, { difficulty, items: 2 });
	const adapter = readSavedState(run.state).policy.adapter;
	expect(adapter).not.toBeNull();
	expect(modules.map(({ module }) => module)).toEqual([...loraTargets]);
	expect(modules.every(({ change }) => change > 0 && change < 1)).toBe(true);
	expect(answers).toHaveLength(2);
	for (const { task, tokens } of answers) {
		expect(task).toHaveLength(difficulty);
		// A word backwards: a mark and a letter for each place, and the end.
		expect(tokens).toHaveLength(2 * difficulty + 1);
		expect(
			tokens
				.map(({ text }) => text)
				.filter((_, i) => i % 2 === 1)
				.join(''),
		).toBe([...task].reverse().join(''));
		for (const { before, after } of tokens)
			expect(Math.min(before, after) > 0 && Math.max(before, after) < 1).toBe(true);
		expect(tokens.some(({ before, after }) => before !== after)).toBe(true);
	}
	expect(await bench.store.run(run.id)).toEqual(run);
});

test('the change of a module is the root mean square of what is added to its weights', () => {
	const tensor = (shape: readonly number[], values: readonly number[]) => ({
		shape,
		data: Float32Array.from(values),
	});
	const at = 'model.layers.0.self_attn.q_proj';
	const [a, b] = [
		[1, 2, 0, -1, 3, 1],
		[2, 1, 0, -1],
	];
	const found = moduleChanges({
		parameters: { kind: 'lora', rank: 2, alpha: 4, targets: ['q_proj'] },
		tensors: new Map([
			[`${at}.lora_A.weight`, tensor([2, 3], a)],
			[`${at}.lora_B.weight`, tensor([2, 2], b)],
		]),
	});
	// B·A = [[1, 7, 1], [1, -3, -1]], times 4 / 2.
	const squares = [1, 7, 1, 1, -3, -1].reduce((sum, x) => sum + (2 * x) ** 2, 0);
	expect(found).toEqual([{ module: 'q_proj', change: Math.sqrt(squares / 6) }]);
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
