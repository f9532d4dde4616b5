/** @file A run played again from its record is the same run to the last bit; told again, it shows what it showed. */
import { describe, expect, test } from 'vitest';
import { again } from '#runs/replay/again.ts';
import { retold } from '#runs/replay/retold.ts';
import { fingerprintOf, sameRun } from '#runs/replay/same.ts';
import { samenessWords } from '#runs/replay/words.ts';
import { readRecording } from '#runs/stored/recording.ts';
import type { StartOptions } from '#runs/session.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { setUp, settled, small } from '../bench.ts';

async function finished(options: StartOptions, bench = setUp()) {
	const session = bench.open();
	const done = settled(session);
	const id = await session.start(options);
	await done;
	const run = await bench.store.run(id);
	if (!run) throw new Error('the run is gone');
	return { run, rows: await session.experiences(id) };
}

const { run, rows } = await finished(small);

describe('a run played again from its record', () => {
	test('is equal in every round, under another name, also after its record went through JSON', async () => {
		const kept = JSON.parse(JSON.stringify(run)) as RunRecord;
		const replayed = await finished(again(kept));
		expect(replayed.run.name).toBe(`${run.name}, again`);
		expect(sameRun(kept, replayed.run)).toEqual({ kind: 'equal', rounds: small.rounds });
		expect(fingerprintOf(replayed.run)).toBe(fingerprintOf(run));
		expect(again(replayed.run).name).toBe(`${run.name}, again`);
	}, 30_000);

	test('with another seed is no replay, and with fewer rounds is one as far as it goes', async () => {
		const other = await finished({ ...small, seed: 4, rounds: 1 });
		expect(sameRun(run, other.run).kind).toBe('other-recipe');
		const shorter = await finished({ ...again(run), rounds: 1 });
		expect(sameRun(run, shorter.run)).toEqual({ kind: 'equal', rounds: 1 });
		expect(fingerprintOf(run)).not.toBe(fingerprintOf(shorter.run));
	}, 30_000);

	test('that comes out differently is told from which round on, and in what', () => {
		const [first, ...others] = run.curve.filter(({ t }) => t === 2);
		if (!first) throw new Error('round 2 has steps');
		const nudged = { ...first, loss: first.loss * (1 + Number.EPSILON) };
		const curve = [...run.curve.filter(({ t }) => t < 2), nudged, ...others];
		const same = sameRun(run, { ...run, curve });
		expect(same).toEqual({ kind: 'differs', t: 2, part: 'steps' });
		expect(samenessWords(same, 'it')).toContain('from round 2 on: first in the loss of its steps');
	});
});

test('a stored run told again is a recording that ends with all that the record holds', () => {
	const recording = retold(run, rows);
	const { events } = readRecording(JSON.parse(JSON.stringify(recording)));
	const committed = events.flatMap(({ event }) => (event.type === 'committed' ? [event] : []));
	expect(committed).toHaveLength(1 + 4 * small.rounds);
	expect(committed.at(-1)?.run).toMatchObject({
		...{ scores: run.scores, truths: run.truths, curve: run.curve },
	});
	// No round knows what comes after it.
	for (const { run: shown, score } of committed)
		if (score) expect(shown.truths.every(({ t }) => t <= score.t)).toBe(true);
	const told = events.flatMap(({ event }) =>
		event.type === 'progress' && event.progress.kind === 'sample' ? [event.progress] : [],
	);
	expect(told.map(({ experience }) => experience.id).toSorted()).toEqual(
		rows.map(({ id }) => id).toSorted(),
	);
	expect(told.every(({ experience }) => experience.fate.kind === 'fresh')).toBe(true);
	expect(events.at(-1)?.event).toMatchObject({ type: 'status', status: 'finished' });
});
