/** @file Teach from files to a verdict with real weights: data stays, training goes on after a reload, the adapter says what it is worth. */
import { afterEach, describe, expect, test } from 'vitest';
import type { TeachEvent } from '#teach/types.ts';
import { settingsOf } from '#teach/presets.ts';
import { tinyChatGguf } from '../fixtures/tiny-chat.ts';
import { file, model, newPlace, openTeach, type Opened, type Place } from './open-teach.ts';

const tiny = await tinyChatGguf();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

function open(place?: Place, hear?: (event: TeachEvent) => void): Opened {
	const opened = openTeach({
		...{ weights: tiny, surface: 'terminal', instructions: 1 },
		...(place && { place }),
		...(hear && { hear }),
	});
	closing.push(() => opened.close());
	return opened;
}
const table = file(
	'keys.csv',
	`question,answer\n${Array.from({ length: 24 }, (_, i) => `Where is key ${i}?,Under stone ${i}.`).join('\n')}\n`,
);
const settings = { ...settingsOf('style', 24), steps: 6, rank: 2, validateEvery: 2, patience: 0 };
const lesson = { model, name: 'Keys', maxTokens: 128, settings };

describe('data', () => {
	test('is read, corrected, prepared and listed, and is there after a reload', async () => {
		const { api, events, place } = open();
		expect(await api.teachProject()).toBeNull();
		const first = await api.addData([
			table,
			file('bad.jsonl', '{"prompt":"a","completion":"b"}\n{'),
		]);
		expect(first).toMatchObject({ rows: 25, problemCount: 1, canReread: true });
		expect(first.counts.training + first.counts.validation).toBeGreaterThan(0);
		expect(events.some(({ type }) => type === 'teach-read')).toBe(true);

		const asText = await api.correctData('bad.jsonl', { format: 'prose' });
		expect(asText).toMatchObject({ rows: 25, problemCount: 0 });
		const kept = await api.prepareData({
			...asText.preparation,
			duplicates: 'keep',
			validation: 0.2,
		});
		expect(kept.counts.validation).toBeGreaterThan(0);
		const { total, rows } = await api.dataRows({ filter: 'all', offset: 2, limit: 3 });
		expect(total).toBe(25);
		expect(rows[0]).toMatchObject({ file: 'keys.csv', line: 4, asked: 'Where is key 2?' });
		const out = await api.prepareData({ ...kept.preparation, excluded: [rows[0]?.id ?? ''] });
		expect(out.counts.excluded).toBe(1);

		const again = await open(place).api.teachProject();
		expect(again).toMatchObject({ rows: 25, counts: out.counts, canReread: false });
		await expect(open(place).api.correctData('keys.csv', {})).rejects.toThrow(/drop it again/);
	});

	test('is shown as the model reads it: what is learnt, what is cut off', async () => {
		const { api } = open();
		await api.addData([table]);
		const { rows } = await api.dataRows({ filter: 'all', offset: 0, limit: 1 });
		const view = await api.viewData(rows[0]?.id ?? '', model, 128);
		expect(view.pieces.map(({ text }) => text).join('')).toContain(
			'<|im_start|>user\nWhere is key 0?',
		);
		expect(view.pieces.filter(({ state }) => state === 'learnt').map(({ text }) => text)).toEqual([
			expect.stringMatching(/^Under stone 0\.<\|im_end\|>/),
		]);
		const cut = await api.viewData(rows[0]?.id ?? '', model, view.tokens - 3);
		expect(cut.pieces.at(-1)?.state).toBe('cut');
		// The line end after the end mark is not learnt.
		expect(cut.learnt).toBe(view.learnt - 2);
		const lengths = await api.dataLengths(model, view.tokens - 3);
		expect(lengths.counted).toBeGreaterThan(0);
		expect(lengths.cut).toBe(lengths.counted);
	});

	test('is deleted when a person wants it', async () => {
		const { api, place } = open();
		await api.addData([table]);
		await api.clearProject();
		expect(await api.teachProject()).toBeNull();
		expect(await place.projects.list()).toEqual([]);
	});
});

describe('a lesson', () => {
	test('is told how long it takes, trains, is examined and says what it is worth', async () => {
		const { api, events, place } = open();
		const { preparation } = await api.addData([table]);
		await api.prepareData({ ...preparation, duplicates: 'keep', validation: 0.2 });
		const { seconds, tokensPerSecond } = await api.estimateLesson(lesson);
		expect(seconds).toBeGreaterThan(0);
		expect(tokensPerSecond).toBeGreaterThan(0);
		const trained = await api.trainLesson(lesson);
		expect(trained.lesson).toMatchObject({ status: 'done', name: 'Keys' });
		expect(trained.lesson?.points).toHaveLength(6);
		expect(trained.lesson?.validations.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
		expect(events.filter(({ type }) => type === 'teach-step')).toHaveLength(6);
		expect(trained.lesson?.snapshot).toBeUndefined();

		const { lesson: examined } = await api.examineLesson();
		expect(examined?.examination).toMatchObject({ on: 'validation', seed: 1 });
		expect(examined?.examination?.plain?.difference.n).toBeGreaterThan(5);
		expect(examined?.examination?.instructions?.difference.n).toBeGreaterThan(0);
		expect(examined?.verdict?.sentence).toMatch(/\.$/);
		// It stands on the adapter, wherever that goes; and all of it is there after a reload.
		const about = await place.adapters.read(`tuned/${examined?.adapter ?? ''}/about.json`);
		expect(new TextDecoder().decode(about)).toContain(examined?.verdict?.sentence ?? '?');
		const again = await open(place).api.teachProject();
		expect(again?.lesson).toEqual(examined);
	});

	test('paused and reloaded it goes on to the same losses', async () => {
		const whole = open();
		await whole.api.addData([table]);
		const unbroken = await whole.api.trainLesson(lesson);

		const place = newPlace();
		const { api } = open(place, (event) => {
			if (event.type === 'teach-step' && event.point.step === 3) void api.pauseLesson();
		});
		await api.addData([table]);
		const paused = await api.trainLesson(lesson);
		expect(paused.lesson).toMatchObject({ status: 'paused', snapshot: { steps: 3 } });
		const resumed = await open(place).api.resumeLesson();
		expect(resumed.lesson?.status).toBe('done');
		const losses = (view: typeof resumed) => view.lesson?.points.map(({ loss }) => loss);
		expect(losses(resumed)).toEqual(losses(unbroken));
		expect(resumed.lesson?.validations).toEqual(unbroken.lesson?.validations);
		// One of the first pass is left: what came up after it can be forgotten from there.
		const { state, best } = resumed.lesson?.early ?? {};
		expect([...(await place.projects.list('lesson/'))].sort()).toEqual([best, state]);
	});

	test('is refused while another is under way, and where nothing is left to learn', async () => {
		const { api } = open();
		const { preparation } = await api.addData([table]);
		const first = api.trainLesson(lesson);
		await expect(api.addData([table])).rejects.toThrow(/training is under way; stop it first/);
		await first;
		await expect(
			api.trainLesson({ ...lesson, settings: { ...settings, rank: 0 } }),
		).rejects.toThrow(/rank must be/);
		const { rows } = await api.dataRows({ filter: 'all', offset: 0, limit: 100 });
		await api.prepareData({ ...preparation, excluded: rows.map(({ id }) => id) });
		await expect(api.trainLesson(lesson)).rejects.toThrow(/No row is left to learn from/);
	});
});
