/** @file The flag `--control` of `record`: a control from its recording, or from what a section of the bench keeps. */
import { readFile } from 'node:fs/promises';
import { is, looseObject, nonEmpty, pipe, array, unknown } from 'valibot';
import { controlOf, controlSchema, type Control } from '#runs/stored/control.ts';
import { readRecording } from '#runs/stored/recording.ts';
import { UsageError } from './terminal.ts';

/** Reads `no rules=english-free.json`; rejects with a UsageError that says what is wrong with it. */
export async function readControl(given: string): Promise<Control> {
	const [title = '', ...rest] = given.split('=');
	const file = rest.join('=');
	if (title.trim() === '' || file === '')
		throw new UsageError(`--control must be <title>=<file>, not "${given}".`);
	const text = await readFile(file, 'utf8').catch(() => {
		throw new UsageError(`${file} cannot be read; --control names a recording.`);
	});
	try {
		return controlFrom(title.trim(), JSON.parse(text));
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new UsageError(`${file} is no control. ${why}`);
	}
}

/** Figures of a section, as `npm run bench` keeps them. */
const benchSchema = looseObject({ figures: pipe(array(unknown()), nonEmpty()) });

function controlFrom(title: string, value: unknown): Control {
	const [figure] = is(benchSchema, value) ? value.figures : [value];
	const written = { ...(typeof figure === 'object' ? figure : {}), title };
	if (is(controlSchema, written)) return { title, points: written.points };
	const { events } = readRecording(value);
	return controlOf(
		title,
		events.map(({ event }) => event),
	);
}
