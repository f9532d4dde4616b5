/** @file Every lesson’s outcome comes: in the recording that the page plays, and of some in a short run of their worlds. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { matches } from '#base/schema.ts';
import { readRecording } from '#runs/stored/recording.ts';
import { isScore } from '#runs/stored/score.ts';
import type { Measured } from '#ui/panels/learn/lesson/figures.ts';
import { plantedRecordingSchema, type PlantedRecording } from '#ui/panels/learn/lesson/planted.ts';
import { wordsOf, type Lesson } from '#ui/panels/learn/lesson/lesson.ts';
import { outcomeIn } from '#ui/panels/learn/lesson/verdict.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import { measuredNotes, plantAll } from '../../../scripts/lessons/plant.ts';
import { measured, race } from '../../../scripts/lessons/race.ts';

const recordings = new URL('../../../public/recordings/', import.meta.url);
const parsed = (path: string): unknown =>
	JSON.parse(readFileSync(new URL(path, recordings), 'utf8')) as unknown;

/** The last record of each world in what the page plays. */
function recordedRuns({ id, recording, planted }: Lesson): readonly Measured[] {
	if (planted) {
		const file = parsed(`lessons/${id}.json`);
		if (!matches<unknown>(plantedRecordingSchema, file)) throw new Error(`${id} has no recording.`);
		return measuredNotes(file as PlantedRecording);
	}
	const worlds =
		recording === 'english'
			? [parsed(`${recording}.json`)]
			: (parsed(`lessons/${id}.json`) as { readonly worlds: readonly unknown[] }).worlds;
	return worlds.map((world) => {
		const { events } = readRecording(world);
		const run = events.findLast(
			({ event }) => event.type === 'committed' && event.run.scores.some(isScore),
		);
		if (run?.event.type !== 'committed') throw new Error(`${id} has no examination.`);
		return measured(run.event.run);
	});
}

describe.each(lessons.map((lesson): [string, Lesson] => [lesson.id, lesson]))(
	'%s',
	(_id, lesson) => {
		const expected = wordsOf(lesson).options[lesson.expected - 1];

		test('has a recording in which the expected outcome comes', () => {
			const runs = recordedRuns(lesson);
			expect(runs.length).toBe(lesson.changes.length + 1);
			expect(wordsOf(lesson).options[outcomeIn(lesson, runs)]).toBe(expected);
		});
	},
);

/** Lessons whose short runs take seconds; `npm run lessons -- --short` runs them all. */
const quick = ['loop', 'who', 'looks', 'numbers', 'privacy'];

test.each(lessons.filter(({ id }) => quick.includes(id)))(
	'$id comes out in a short run of its worlds',
	async (lesson) => {
		const options = { seed: 1, length: 'short' } as const;
		const runs = lesson.planted
			? measuredNotes(await plantAll(lesson, options))
			: (await race(lesson, options)).map(({ run }) => measured(run));
		const outcome = outcomeIn(lesson, runs);
		expect(outcome).toBe(lesson.expected - 1);
	},
	240_000,
);
