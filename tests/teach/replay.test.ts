/** @file Texts of the base model beside a lesson: written once by its seed, kept, and without a trace of where it was paused. */
import { afterEach, expect, test } from 'vitest';
import { openProjectStore } from '#teach/project-store.ts';
import type { TeachEvent } from '#teach/types.ts';
import { file, model, newPlace, openTeach, type Opened, type Place } from './open-teach.ts';

const opened: Opened[] = [];
afterEach(async () => {
	for (const one of opened.splice(0)) await one.close();
});
function open(place: Place, hear?: (event: TeachEvent) => void): Opened {
	const one = openTeach({ place, ...(hear && { hear }) });
	opened.push(one);
	return one;
}
const settings = {
	...{ steps: 6, rank: 4, alpha: 16, learningRate: 0.01, batch: 2, seed: 5, replay: 1 },
	...{ validateEvery: 0, patience: 0 },
};
const lesson = { model, name: 'Notes', maxTokens: 128, settings };
const data = file('notes.csv', 'question,answer\nWhere is the key?,Under the stone.\nWho?,Anna.\n');
const give = async ({ api }: Opened): Promise<void> => {
	const { preparation } = await api.addData([data]);
	await api.prepareData({ ...preparation, validation: 0 });
};
const weightsOf = ({ adapters }: Place, id: string | undefined) =>
	adapters.read(`tuned/${id ?? ''}/adapter_model.safetensors`);
const isReplayed = ({ type }: TeachEvent): boolean => type === 'teach-replayed';

test('they are written once, and a lesson stopped meanwhile ends at the same weights', async () => {
	const place = newPlace();
	const at = open(place);
	await give(at);
	const told = await at.api.estimateLesson(lesson);
	expect(told.seconds).toBeGreaterThan(told.openSeconds);
	const { lesson: whole } = await at.api.trainLesson(lesson);
	expect(whole).toMatchObject({ status: 'done', settings: { replay: 1 } });
	expect(at.events.some(isReplayed)).toBe(true);
	const texts = await openProjectStore(place.projects).readReplay(`2|${model}|5|64`);
	expect(texts?.length).toBeGreaterThan(10);
	expect(texts?.every(({ tokens, from }) => from > 0 && from < tokens.length)).toBe(true);

	const written = at.events.filter(isReplayed).length;
	const { lesson: second } = await at.api.trainLesson(lesson);
	expect(at.events.filter(isReplayed)).toHaveLength(written);
	const weights = await weightsOf(place, whole?.adapter);
	expect(await weightsOf(place, second?.adapter)).toEqual(weights);

	const other = newPlace();
	let stopped = false;
	const broken = open(other, (event) => {
		if (stopped || !isReplayed(event)) return;
		stopped = true;
		void broken.api.pauseLesson();
	});
	await give(broken);
	const { lesson: paused } = await broken.api.trainLesson(lesson);
	expect(paused?.status).toBe('paused');
	const { lesson: resumed } = await broken.api.resumeLesson();
	expect(resumed?.status).toBe('done');
	expect(await weightsOf(other, resumed?.adapter)).toEqual(weights);

	const { lesson: free } = await at.api.trainLesson({
		...lesson,
		settings: { ...settings, replay: 0 },
	});
	expect(await weightsOf(place, free?.adapter)).not.toEqual(weights);
}, 120_000);
