/** @file Recorded worlds of the lessons that come with the page. */
import { readRecording, type Recording } from '#runs/stored/recording.ts';
import { anyObject, list, object, read } from '#base/schema.ts';
import { recordingOf } from '../../../state/replay.svelte.ts';
import type { Lesson } from '../lesson/lesson.ts';
import { plantedRecordingSchema, type PlantedRecording } from '../lesson/planted.ts';

const schema = object({ worlds: list(anyObject) });

/** What was said of a planted note in each world of the recording; rejects if it does not come or is none. */
export async function fetchPlanted(id: string): Promise<PlantedRecording> {
	const response = await fetch(new URL(`recordings/lessons/${id}.json`, document.baseURI).href);
	if (!response.ok) throw new Error(`${response.status}`);
	const value: unknown = await response.json();
	return read(plantedRecordingSchema, value, 'it', (flaw) => new Error(flaw));
}

/** Fetches the recording of each world; rejects if one does not come or is none. */
export async function fetchRecordings({
	id,
	recording,
}: Pick<Lesson, 'id' | 'recording'>): Promise<readonly Recording[]> {
	const isOne = recording === 'english';
	const url = isOne
		? recordingOf(recording)
		: new URL(`recordings/lessons/${id}.json`, document.baseURI).href;
	const response = await fetch(url);
	if (!response.ok) throw new Error(`${response.status}`);
	const value: unknown = await response.json();
	if (isOne) return [readRecording(value)];
	return read(schema, value, 'it', (flaw) => new Error(flaw)).worlds.map(readRecording);
}
