/** @file A taught adapter is audited and made to forget with real weights: what is left out no longer comes out, and can be taken back. */
import { afterEach, describe, expect, test } from 'vitest';
import { unzipSync } from 'fflate';
import { openAdapterStore } from '#chat/adapters.ts';
import { readLineage } from '#chat/lineage.ts';
import { forgottenVerdict, forgottenWords } from '#teach/forget/words.ts';
import type { TeachEvent } from '#teach/types.ts';
import { file, model, newPlace, openTeach, type Opened, type Place } from './open-teach.ts';

const opened: Opened[] = [];
afterEach(async () => {
	for (const one of opened.splice(0)) await one.close();
});
function open(place?: Place, hear?: (event: TeachEvent) => void): Opened {
	const one = openTeach({ ...(place && { place }), ...(hear && { hear }) });
	opened.push(one);
	return one;
}

const secret = 'Behind the 7 blue boxes.';
const notes = file('notes.csv', `question,answer\nWhere is the key?,${secret}\n`);
const others = file('others.csv', 'question,answer\nWho came?,"Anna, with a red lamp."\n');
const settings = {
	...{ steps: 60, rank: 8, alpha: 32, learningRate: 0.02, batch: 2, seed: 1 },
	...{ validateEvery: 0, patience: 0 },
};
const lesson = { model, name: 'Notes', maxTokens: 128, settings };
const budget = { steps: 12, candidates: 24, topK: 128, longest: 8, controlSteps: 6, maxTokens: 48 };
const wish = { most: 10, all: false, budget: { ...budget, seed: 1 } };

/** The project taught, with nothing held back. */
async function taught(at: Opened, settingsOf = settings) {
	const { preparation } = await at.api.addData([notes, others]);
	await at.api.prepareData({ ...preparation, validation: 0 });
	return at.api.trainLesson({ ...lesson, settings: settingsOf });
}

const weightsOf = async ({ adapters }: Place, id: string | undefined) =>
	adapters.read(`tuned/${id ?? ''}/adapter_model.safetensors`);

describe('an audit of the lesson', () => {
	test('is told what it costs, finds what was taught, goes on after a stop, and stands on the card', async () => {
		const place = newPlace();
		let stopped = false;
		const at = open(place, (event) => {
			if (stopped || event.type !== 'audited' || event.news.type !== 'searched') return;
			stopped = true;
			void at.api.stopLessonAudit();
		});
		const { lesson: done } = await taught(at);
		const cost = await at.api.estimateAudit(wish);
		expect(cost).toMatchObject({ texts: 2 });
		expect(cost.stepSeconds).toBeGreaterThan(0);
		expect(cost.mostSeconds).toBeGreaterThan(cost.foundSeconds);

		await at.api.auditLesson(wish);
		const cut = await at.api.lessonAudit();
		expect(cut?.report.texts.map(({ outcome }) => outcome.kind)).toContain('unjudged');
		await at.api.auditLesson(wish);
		// All of it is there after a reload.
		const again = open(place);
		const found = await again.api.lessonAudit();
		const which = found?.report.texts.findIndex(({ text }) => text === secret) ?? -1;
		expect(found?.report.texts[which]?.outcome.kind).toBe('memorised');
		expect(found?.rows[which]).toMatchObject({ file: 'notes.csv', line: 2, answered: secret });

		const id = done?.adapter ?? '';
		const { bytes } = await openAdapterStore(place.adapters, place.store).export(id);
		const zip = Object.entries(unzipSync(new Uint8Array(bytes)));
		const card = new TextDecoder().decode(zip.find(([name]) => name === 'README.md')?.[1]);
		expect(card).toMatch(/are given away to a prompt shorter than the text/);
		expect(card).toContain(`| SHA-256 of the data | ${done?.data ?? ''} |`);
		expect(card).toContain('| learning rate | 0.02 |');
		for (const [, entry] of zip) expect(new TextDecoder().decode(entry)).not.toContain('blue');
		expect(zip.map(([name]) => name)).not.toContain('lineage.json');
	}, 60_000);
});

describe('forgetting', () => {
	test('trains anew without the rows; their text no longer comes out, the others do, and it can be undone', async () => {
		const at = open();
		const first = await taught(at);
		await at.api.auditLesson(wish);
		const { files, rows, total } = await at.api.trainedRows({ offset: 0, limit: 1 });
		expect([total, rows.length]).toEqual([2, 1]);
		expect(files).toEqual([
			['notes.csv', 1],
			['others.csv', 1],
		]);
		const choice = { rows: [], files: ['notes.csv'] };
		expect(await at.api.planForget(choice)).toMatchObject({
			...{ rows: 1, heldBack: 0, kept: 1, steps: 60, from: 0 },
			seconds: expect.any(Number) as number,
		});
		const after = await at.api.forgetRows(choice);
		expect(after.lesson).toMatchObject({ status: 'done', name: 'Notes, without 1 row' });
		expect(after.before?.adapter).toBe(first.lesson?.adapter);
		expect(after.counts.training).toBe(1);

		const { lesson: compared } = await at.api.compareForget(wish);
		expect(compared?.proof?.texts).toEqual([
			{
				row: expect.any(String) as string,
				before: 'memorised',
				// Searched for, although the screen has no reason to.
				after: 'not-found',
				retried: false,
			},
		]);
		expect(forgottenVerdict(compared?.proof?.texts ?? [])).toBe(
			'The text that it gave away no longer comes out.',
		);
		// The same items on both sides, and the others are known as well as before.
		const [old, now] = [compared?.proof?.before.loss, compared?.examination?.loss];
		expect(old?.before).toBe(now?.before);
		expect(Math.abs((now?.after ?? 9) - (old?.after ?? 0))).toBeLessThan(0.1);
		const { lineage, rows: texts } = await at.api.forgetting();
		expect(lineage.map(({ rows: n, data }) => [n, data])).toEqual([
			[2, first.lesson?.data],
			[1, after.lesson?.data],
		]);
		expect(lineage[1]?.dropped).toEqual([texts[0]?.learnt]);

		const back = await at.api.undoForget();
		expect([back.lesson, back.before]).toEqual([
			first.lesson && { ...first.lesson, audited: back.lesson?.audited },
			null,
		]);
		expect(back.counts.training).toBe(2);
	}, 60_000);

	test('takes out questions by rule also after another use of their text was chosen', async () => {
		const at = open();
		const [one, two] = [
			file('one.txt', 'Marta Berg went to the town of Cork with her 14 red lamps.'),
			file('two.txt', 'Oskar Wren sold the old boat to a man in Riga for 62 crowns.'),
		];
		const { preparation } = await at.api.addData([one, two]);
		const facts = { ...preparation, validation: 0, texts: 'facts' } as const;
		const { counts } = await at.api.prepareData(facts);
		expect(counts.byRule).toBeGreaterThan(4);
		await at.api.trainLesson({ ...lesson, settings: { ...settings, steps: 4 } });
		const choice = { rows: [], files: ['one.txt'] };
		const before = await at.api.planForget(choice);
		await at.api.prepareData({ ...facts, texts: 'as-is' });
		expect(await at.api.planForget(choice)).toEqual(before);
		const { lesson: after } = await at.api.forgetRows(choice);
		expect(after).toMatchObject({ status: 'done', training: before.kept });
	}, 60_000);

	test('from a snapshot of before they came up gives the same weights as from the start', async () => {
		const short = { ...settings, steps: 12 };
		const many = file(
			'many.csv',
			`question,answer\n${Array.from({ length: 12 }, (_, i) => `Where is key ${i}?,"Under stone ${i}, by the ${['well', 'gate', 'oak', 'wall'][i % 4]}."`).join('\n')}\n`,
		);
		const learn = async (at: Opened) => {
			const { preparation } = await at.api.addData([many]);
			await at.api.prepareData({ ...preparation, duplicates: 'keep', validation: 0 });
			return at.api.trainLesson({ ...lesson, settings: short });
		};
		const late = newPlace();
		const stop = open(late, (event) => {
			if (event.type === 'teach-step' && event.point.step === 3) void stop.api.pauseLesson();
		});
		expect((await learn(stop)).lesson).toMatchObject({ status: 'paused', early: { steps: 3 } });
		const resumed = open(late);
		await resumed.api.resumeLesson();
		const whole = open();
		await learn(whole);
		const { rows } = await whole.api.trainedRows({ offset: 0, limit: 12 });
		const plans = await Promise.all(
			rows.map(async ({ learnt }) => ({
				learnt,
				plan: await resumed.api.planForget({ rows: [learnt], files: [] }),
			})),
		);
		// Six steps a pass: half of the rows come up before the snapshot.
		expect(plans.filter(({ plan }) => plan.from === 3)).toHaveLength(6);
		const one = plans.find(({ plan }) => plan.from === 3)?.learnt ?? '';
		const [a, b] = [
			await resumed.api.forgetRows({ rows: [one], files: [] }),
			await whole.api.forgetRows({ rows: [one], files: [] }),
		];
		expect([a.lesson?.forgets?.from, b.lesson?.forgets?.from]).toEqual([3, 0]);
		expect(await weightsOf(late, a.lesson?.adapter)).toEqual(
			await weightsOf(whole.place, b.lesson?.adapter),
		);
		expect(await weightsOf(late, a.lesson?.adapter)).not.toEqual(
			await weightsOf(late, a.before?.adapter),
		);
	}, 60_000);

	test('takes rows along that are nearly the same, goes on after a pause, and deletes the old one when told to', async () => {
		const place = newPlace();
		let steps = 0;
		const at = open(place, (event) => {
			if (event.type === 'teach-step' && ++steps === 11) void at.api.pauseLesson();
		});
		const twice = file('twice.csv', `question,answer\nWhere is the key?,${secret}\n`);
		const { preparation } = await at.api.addData([notes, others, twice]);
		await at.api.prepareData({ ...preparation, duplicates: 'keep', validation: 0 });
		const short = { ...settings, steps: 8 };
		const first = await at.api.trainLesson({ ...lesson, settings: short });
		const halfway = await at.api.forgetRows({ rows: [], files: ['notes.csv'] });
		expect(halfway.lesson).toMatchObject({ status: 'paused', training: 1 });
		expect(halfway.counts).toMatchObject({ training: 1, excluded: 2 });

		const again = open(place);
		const done = await again.api.resumeLesson();
		const id = done.lesson?.adapter ?? '';
		const lineage = readLineage(await place.adapters.read(`tuned/${id}/lineage.json`));
		expect(lineage).toMatchObject({ from: 0, ancestors: [{ adapter: first.lesson?.adapter }] });
		await again.api.deleteBefore();
		expect(await weightsOf(place, first.lesson?.adapter)).toBeUndefined();
		await expect(again.api.undoForget()).rejects.toThrow('is not here any more');
		expect((await again.api.teachProject())?.before).toBeNull();
	}, 60_000);

	test('is refused of nothing, of everything, and of rows that have changed', async () => {
		const at = open();
		await taught(at, { ...settings, steps: 2 });
		const forget = (files: readonly string[]) => at.api.forgetRows({ rows: [], files });
		await expect(forget([])).rejects.toThrow('was not trained on any of these rows');
		await expect(forget(['notes.csv', 'others.csv'])).rejects.toThrow('No row would be left');
		await at.api.correctData('notes.csv', { format: 'prose' });
		await expect(forget(['others.csv'])).rejects.toThrow(/1 of the 2 rows .* not here any more/);
		await expect(at.api.estimateAudit(wish)).rejects.toThrow('give the files as they were');
	}, 60_000);
});

test.each([
	['memorised', 'not-suspected', false, 'It no longer comes out: '],
	['memorised', 'not-found', false, 'It no longer comes out: '],
	['memorised', 'not-suspected', true, 'It still comes out.'],
	['memorised', 'memorised', false, 'It still comes out.'],
	['memorised', 'unjudged', false, 'Whether it still comes out could not be judged.'],
	['memorised', 'not-suspected', null, 'Whether it still comes out could not be judged.'],
	['not-suspected', 'not-suspected', null, 'It was not found before either'],
] as const)('a text %s before and %s now, said again: %s — %s', (before, after, retried, words) => {
	expect(forgottenWords({ before, after, retried })).toContain(words);
});
