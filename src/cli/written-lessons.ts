/** @file Lessons that a model on disk writes of a person's text, for `dataset`. */
import { checks, type DataRow } from '#dataset/row.ts';
import { lessonRow } from '#teach/lessons/row.ts';
import { writeLessons } from '#teach/lessons/write.ts';
import { assertCanWrite, countChecks } from '#teach/lessons/write-project.ts';
import { withModel } from './interruptible.ts';
import { exitCodes, UsageError, type Terminal } from './terminal.ts';

interface Options {
	readonly model: string | undefined;
	readonly seed: number;
	/** Nothing but the result may be printed. */
	readonly quiet: boolean;
}

/** The rows, and those written of their running text; undefined if it was stopped. */
export async function withLessons(
	rows: readonly DataRow[],
	{ model: name, seed, quiet }: Options,
	terminal: Terminal,
): Promise<readonly DataRow[] | undefined> {
	if (name === undefined)
		throw new UsageError('--texts questions needs a model that writes them; name it with --model.');
	let all: readonly DataRow[] | undefined;
	await withModel(name, {}, terminal, async (files, signal) => {
		const model = await files.openEngine();
		assertCanWrite(model);
		const lessons = await writeLessons(model, rows, {
			...{ seed, signal },
			report: (what, done, total) => {
				if (terminal.live && !quiet) terminal.draw([`writing ${what}: ${done} of ${total}`]);
			},
		});
		const counts = countChecks(lessons);
		const found = checks.map((check) => `${counts[check]} ${check}`).join(', ');
		terminal.tell(`questions written, seed ${seed}: ${found}`);
		const hasTemplate = model.chat?.template !== undefined;
		all = [
			...rows,
			...lessons
				.filter(({ question }) => question !== '')
				.map((lesson) => lessonRow(lesson, hasTemplate)),
		];
		return exitCodes.done;
	});
	return all;
}
