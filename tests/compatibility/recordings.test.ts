/** @file Recordings of before, the shipped one among them, are played whole. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isRecord } from '#base/untrusted/is-record.ts';
import { readRecording } from '#runs/stored/recording.ts';
import { readRow } from '#runs/stored/row.ts';
import { World } from '../../src/ui/state/world.svelte.ts';

/** An event as it was written, but for the form of its answers, which has changed. */
const withoutAnswers = (event: unknown): object => {
	const text = JSON.stringify(event, (key, value: unknown) =>
		key === 'attempts' ? undefined : value,
	);
	const read: unknown = JSON.parse(text);
	return isRecord(read) ? read : {};
};

describe.each([
	'../fixtures/compatibility/recording.json',
	'../../public/recordings/default.json',
	'../../public/recordings/english.json',
])('%s', (path) => {
	const value: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
	const written = isRecord(value) && Array.isArray(value['events']) ? value['events'] : [];
	const recording = readRecording(value);

	test('is read event by event, nothing left out', () => {
		expect(written.length).toBeGreaterThan(50);
		expect(recording.events).toHaveLength(written.length);
		for (const [i, { atMs, event }] of recording.events.entries())
			if (event.type === 'progress' && event.progress.kind === 'sample') {
				const { experience } = event.progress;
				expect({ atMs, event }).toMatchObject(withoutAnswers(written[i]));
				expect(experience.rollouts.length).toBeGreaterThan(0);
			} else if (event.type !== 'run' && event.type !== 'committed')
				expect({ atMs, event }).toEqual(written[i]);
	});

	test('holds rows and samples of today’s form', () => {
		const rows = recording.events.flatMap(({ event }) =>
			event.type === 'committed' ? event.rows : [],
		);
		expect(rows.length).toBeGreaterThan(0);
		for (const row of rows) expect(readRow(row)?.id).toBe(row.id);
	});

	test('ends on the page where the run ended', () => {
		const world = new World();
		world.begin('recorded');
		world.apply(recording.events.map(({ event }) => event));
		expect(world.status).toBe('finished');
		expect(world.scores.length).toBe(recording.recipe.rounds + 1);
		expect(world.truths.length).toBe(recording.recipe.rounds);
		expect(world.samples.length + world.lastSamples.length).toBeGreaterThan(0);
		expect(world.curve.length).toBeGreaterThan(0);
	});
});
