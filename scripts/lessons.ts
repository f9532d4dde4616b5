/**
 * @file `npm run lessons`: runs the worlds of each lesson in full with seeds 1 to 3, and says which option came out; exit code 1
 * if one is not the option that the lesson expects. `-- filter loop` for some of them, `--seeds 1,2`, `--short` as the tests
 * run them, `--record` writes the recordings of seed 1 that the page plays. A lesson that shows a recording is read from it;
 * `-- memory --record --model PATH` runs its worlds anew, with a model that does not come with the page.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Changes } from '#runs/stored/changes.ts';
import { readRecording } from '#runs/stored/recording.ts';
import { pointsOf, type Measured } from '#ui/panels/learn/lesson/figures.ts';
import { wordsOf, type Lesson } from '#ui/panels/learn/lesson/lesson.ts';
import { outcomeIn } from '#ui/panels/learn/lesson/verdict.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import { measuredNotes, plantAll } from './lessons/plant.ts';
import { measured, race } from './lessons/race.ts';
import { thinned } from './lessons/thin.ts';

const recordings = new URL('../public/recordings/', import.meta.url);

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		seeds: { type: 'string', default: '1,2,3' },
		short: { type: 'boolean', default: false },
		record: { type: 'boolean', default: false },
		model: { type: 'string' },
	},
});

/** The figures that a lesson shows, by round, in each world. */
function figuresOf(lesson: Lesson, runs: readonly Measured[]): string {
	return runs
		.map((run, i) =>
			[
				`    ${wordsOf(lesson).worlds[i] ?? ''}`,
				...lesson.shows.map((figure) => {
					const points = pointsOf(figure, run).map(({ t, value, of }) =>
						of ? `${t}: ${of.correct}/${of.n}` : `${t}: ${Number(value.toFixed(3))}`,
					);
					return `${figure.figure}${figure.from === undefined ? '' : ` from ${figure.from}`} ${points.join(', ')}`;
				}),
			].join(' · '),
		)
		.join('\n');
}

/** `q_proj 0.0021, …; 98765 + 43210: a 0.98 → 0.99, …` */
const changeWords = ({ modules, answers }: Changes): string =>
	[
		modules.map(({ module, change }) => `${module} ${change.toPrecision(2)}`).join(', '),
		...answers.map(
			({ task, tokens }) =>
				`${task}: ${tokens.map(({ text, before, after }) => `${text} ${before.toFixed(2)} → ${after.toFixed(2)}`).join(', ')}`,
		),
	].join('; ');

/** Records of what the page plays for a lesson that has no live runs. */
async function recordedRuns({ id, recording }: Lesson): Promise<readonly Measured[]> {
	const file = recording === 'worlds' ? `lessons/${id}.json` : `${recording ?? ''}.json`;
	const value: unknown = JSON.parse(await readFile(new URL(file, recordings), 'utf8'));
	const worlds =
		typeof value === 'object' && value && 'worlds' in value && Array.isArray(value.worlds)
			? (value.worlds as readonly unknown[])
			: [value];
	return worlds.flatMap((world) => {
		const runs = readRecording(world).events.flatMap(({ event }) =>
			event.type === 'committed' ? [event.run] : [],
		);
		const last = runs.at(-1);
		return last ? [measured(last)] : [];
	});
}

const isRecorded = ({ recording }: Lesson): boolean =>
	recording !== undefined && !(recording === 'worlds' && values.model !== undefined);

async function runsOf(lesson: Lesson, seed: number): Promise<readonly Measured[]> {
	if (isRecorded(lesson)) return recordedRuns(lesson);
	const length = values.short ? 'short' : 'full';
	if (lesson.planted) {
		const planted = await plantAll(lesson, { seed, length });
		if (values.record && seed === 1)
			await writeFile(new URL(`lessons/${lesson.id}.json`, recordings), JSON.stringify(planted));
		return measuredNotes(planted);
	}
	const finished = await race(lesson, { seed, length, model: values.model });
	if (values.record && seed === 1) {
		await mkdir(new URL('lessons/', recordings), { recursive: true });
		const text = JSON.stringify({ worlds: finished.map(thinned) });
		await writeFile(new URL(`lessons/${lesson.id}.json`, recordings), text);
	}
	for (const { changes } of finished) if (changes) console.log(`    ${changeWords(changes)}`);
	return finished.map(({ run }) => measured(run));
}

const chosen = lessons.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
let failures = 0;
for (const lesson of chosen) {
	const { title, options } = wordsOf(lesson);
	console.log(`${lesson.id}: ${title}`);
	for (const seed of isRecorded(lesson) ? [1] : values.seeds.split(',').map(Number)) {
		const began = performance.now();
		const runs = await runsOf(lesson, seed);
		const outcome = outcomeIn(lesson, runs);
		const isExpected = outcome === lesson.expected - 1;
		if (!isExpected) failures++;
		const seconds = Math.round((performance.now() - began) / 1000);
		console.log(
			`  ${isRecorded(lesson) ? 'recording' : `seed ${seed}`}, ${seconds} s: ${isExpected ? 'as expected' : 'NOT AS EXPECTED'}: ${options[outcome] ?? 'none of the options'}`,
		);
		console.log(figuresOf(lesson, runs));
	}
}
console.log(failures === 0 ? 'Every lesson came out.' : `${failures} did not come out.`);
process.exitCode = failures === 0 ? 0 : 1;
