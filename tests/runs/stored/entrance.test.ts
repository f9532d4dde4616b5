/** @file The stored examination of a shipped seedling: it is what sitting it gives, and a run with it is the run without it. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openNodePlatform } from '#platform/open-node.ts';
import type { Platform } from '#platform/platform.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { SessionEvent, StartOptions } from '#runs/session.ts';
import { entranceOf, type StoredEntrance } from '#runs/stored/entrance.ts';
import { isScore } from '#runs/stored/score.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import type { Score } from '#loop/types.ts';

const shipped = [
	'addition',
	'addition-scratchpad',
	'reversal',
	'sorting',
	'order',
	'blocks',
	'translation',
	'persona',
	'edits',
] as const;

/** The default of the page, but for what makes it long after the examination. */
const asked: StartOptions = {
	method: 'easy-to-hard',
	environment: 'addition',
	seed: 1,
	rounds: 1,
	knobs: { problems: 10, steps: 2, batch: 8, minKept: 1, span: 'practised' },
};

const readStored = async (name: string): Promise<StoredEntrance> =>
	JSON.parse(
		await readFile(
			new URL(`../../../public/models/${name}/examination.json`, import.meta.url),
			'utf8',
		),
	) as StoredEntrance;

/** Runs to the end; `change` takes the platform's models in hand. */
async function run(options: StartOptions, stored: boolean) {
	const platform: Platform = await openNodePlatform({ threads: 1 });
	const session = new LocalSession({
		...platform,
		openModel: async (name) => {
			const { entrance, ...model } = await platform.openModel(name);
			return stored && entrance ? { ...model, entrance } : model;
		},
	});
	const events: SessionEvent[] = [];
	const ended = new Promise<void>((resolve) => {
		session.subscribe((event) => {
			events.push(event);
			if (event.type === 'status' && /finished|failed/.test(event.status)) resolve();
		});
	});
	const id = await session.start(options);
	await ended;
	const record = (await session.runs()).find((one) => one.id === id);
	const rows = await session.experiences(id);
	await session.dispose();
	if (!record) throw new Error('The run is gone.');
	const scores = record.scores.filter(isScore);
	return { events, record, scores, rows: rows.map(({ runId: _run, ...row }) => row) };
}

const withoutSign = ({ stored: _stored, ...score }: Score): Omit<Score, 'stored'> => score;

describe('the stored examination', () => {
	test('a run with it ends bit for bit as one that sat it', async () => {
		const [with_, without] = [await run(asked, true), await run(asked, false)];
		expect(with_.scores[0]?.stored).toBe(true);
		expect(without.scores.map((score) => score.stored)).toEqual([undefined, undefined]);
		expect(with_.scores[1]?.stored).toBeUndefined();
		expect(with_.scores.map(withoutSign)).toEqual(without.scores);
		expect(with_.rows).toEqual(without.rows);
		expect(with_.record.curve).toEqual(without.record.curve);
		expect(with_.record.truths).toEqual(without.record.truths);
		expect(readSavedState(with_.record.state).policy).toEqual(
			readSavedState(without.record.state).policy,
		);
		// The examination is told square by square all the same.
		const squares = ({ events }: typeof with_) =>
			events.flatMap((event) =>
				event.type === 'progress' && event.progress.kind === 'examined' ? [event.progress] : [],
			);
		expect(squares(with_)).toEqual(squares(without));
	});

	test.each(['order', 'blocks', 'translation', 'persona', 'edits', 'grid'])(
		'of %s says that it begins with what is mastered',
		async (name) => {
			const [first] = (await readStored(name)).cells;
			expect((first?.correct ?? 0) / (first?.n ?? NaN)).toBeGreaterThanOrEqual(0.9);
		},
	);

	test.each(shipped)(
		'of %s belongs to the model beside it, and to the default seed',
		async (name) => {
			const platform = await openNodePlatform({ threads: 1 });
			const model = await platform.openModel(name);
			const stored = await readStored(name);
			const key = { environment: stored.environment, knobs: stored.knobs, seed: 1 };
			expect(stored.model).toBe(model.entrance?.model);
			const [first] = stored.cells;
			const look = entranceOf(model, key);
			expect(look?.(first?.difficulty ?? 0, 200)).toEqual(
				stored.cells.filter(({ difficulty }) => difficulty === first?.difficulty),
			);
			expect(look?.(first?.difficulty ?? 0, 199)).toBeUndefined();
			expect(look?.(99, 200)).toBeUndefined();
			expect(entranceOf(model, { ...key, seed: 2 })).toBeUndefined();
			expect(entranceOf(model, { ...key, knobs: { ...key.knobs, other: 1 } })).toBeUndefined();
			const other = { entrance: { model: '0'.repeat(64), stored } };
			expect(entranceOf(other, key)).toBeUndefined();
			await model.dispose();
		},
	);
});
