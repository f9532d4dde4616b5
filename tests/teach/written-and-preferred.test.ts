/** @file Questions that a model writes of notes, and preferences, through the API of Teach with real weights. */
import { afterEach, describe, expect, test } from 'vitest';
import { readZip } from '#storage/archive/zip.ts';
import { settingsOf } from '#teach/presets.ts';
import type { TeachEvent } from '#teach/types.ts';
import { tinyChatGguf } from '../fixtures/tiny-chat.ts';
import { file, model, newPlace, openTeach, type Opened, type Place } from './open-teach.ts';

const tiny = await tinyChatGguf();
/** Reads long enough prompts to write questions. */
const longer = await tinyChatGguf(undefined, 2048);
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

function open(weights: Uint8Array, place?: Place, hear?: (event: TeachEvent) => void): Opened {
	const opened = openTeach({
		...{ weights, surface: 'terminal', instructions: 1 },
		...(place && { place }),
		...(hear && { hear }),
	});
	closing.push(() => opened.close());
	return opened;
}
const settings = { ...settingsOf('style', 24), steps: 6, rank: 2, validateEvery: 2, patience: 0 };
const lesson = { model, name: 'Keys', maxTokens: 128, settings };

describe('notes', () => {
	const notes = [
		file('mill.txt', 'Ilse moved to the old mill. She keeps four goats there.'),
		file('bike.txt', 'Petrov repaired the bike for 38 euros.'),
	];

	test('become questions that the model writes, the same for a seed, to be edited and rejected', async () => {
		const { api, events, place } = open(longer);
		const { preparation } = await api.addData(notes);
		expect(preparation.texts).toBe('facts');
		await api.prepareData({ ...preparation, texts: 'as-is' });
		const written = await api.writeLessons({ model, seed: 3 });
		const { writing } = written;
		if (!writing) throw new Error('Nothing was written.');
		const { counts } = writing;
		expect(written.counts).toMatchObject({ texts: 2 });
		// They wait until questions are wanted.
		const asIs = await api.dataRows({ filter: 'written', offset: 0, limit: 100 });
		expect(new Set(asIs.rows.map(({ left }) => left))).toEqual(new Set(['form']));
		expect(asIs.total).toBeLessThanOrEqual(Object.values(counts).reduce((sum, n) => sum + n, 0));
		expect(events.some((event) => event.type === 'teach-written' && event.what === 'checks')).toBe(
			true,
		);

		const asked = await api.prepareData({ ...preparation, texts: 'questions', duplicates: 'keep' });
		expect(asked.counts.training + asked.counts.validation).toBe(counts.kept);
		const { rows } = await api.dataRows({ filter: 'written', offset: 0, limit: 100 });
		const [first] = rows;
		expect(first?.written?.passage).toContain('Ilse moved to the old mill.');
		expect(first?.asked).toMatch(/^(What|Who|Where|When|How) .*\?$/);
		expect(first?.left).toBe('check');

		// An edited one is a person's word; it is learnt until it is rejected.
		await expect(api.editRow(first?.id ?? '', 'Where?', ' ')).rejects.toThrow(/needs a question/);
		const edited = await api.editRow(first?.id ?? '', 'Where does Ilse live?', 'In the old mill.');
		expect(edited.counts.training + edited.counts.validation).toBe(counts.kept + 1);
		const { rows: after } = await api.dataRows({ filter: 'written', offset: 0, limit: 100 });
		const mine = after.find((row) => row.asked === 'Where does Ilse live?');
		expect(mine).toMatchObject({ answered: 'In the old mill.', written: { check: 'kept' } });
		const rejected = await api.prepareData({
			...edited.preparation,
			excluded: [mine?.id ?? ''],
		});
		expect(rejected.counts.training + rejected.counts.validation).toBe(counts.kept);
		expect(await open(longer, place).api.teachProject()).toMatchObject({
			writing: { seed: 3, counts },
		});

		const again = open(longer);
		await again.api.addData(notes);
		await again.api.writeLessons({ model, seed: 3 });
		await again.api.prepareData({ ...preparation, texts: 'questions', duplicates: 'keep' });
		expect(await again.api.dataRows({ filter: 'written', offset: 0, limit: 100 })).toEqual({
			total: rows.length,
			rows,
		});
	});

	test('are left as they were by a writing that is stopped, and by a model that reads too little', async () => {
		const { api } = open(longer, newPlace(), (event) => {
			if (event.type === 'teach-written') void api.stopWriting();
		});
		await api.addData(notes);
		await expect(api.writeLessons({ model, seed: 3 })).rejects.toThrow();
		expect(await api.teachProject()).toMatchObject({ rows: 2, counts: { written: 0 } });

		const small = open(tiny);
		await small.api.addData(notes);
		await expect(small.api.writeLessons({ model, seed: 3 })).rejects.toThrow(
			/reads 256 tokens at a time; writing questions needs 512/,
		);
	});
});

describe('preferences', () => {
	const user = (content: string) => [{ role: 'user', content }];
	const says = (content: string) => [{ role: 'assistant', content }];
	const pairs = file(
		'pairs.jsonl',
		Array.from({ length: 10 }, (_, i) =>
			JSON.stringify({
				prompt: user(`Where is key ${i}?`),
				chosen: says(`Under stone ${i}.`),
				rejected: says('I do not know.'),
			}),
		).join('\n'),
	);

	test('are learnt by DPO, examined by share and margin, and handed over for TRL', async () => {
		const { api } = open(tiny);
		const { preparation } = await api.addData([pairs]);
		const { counts } = await api.prepareData({
			...preparation,
			...{ duplicates: 'keep', validation: 0.3 },
		});
		expect(counts).toMatchObject({ pairs: 10, training: 7, validation: 3 });
		const { rows } = await api.dataRows({ filter: 'all', offset: 0, limit: 1 });
		expect(rows[0]).toMatchObject({ answered: 'Under stone 0.', worse: 'I do not know.' });
		expect((await api.estimateLesson(lesson)).seconds).toBeGreaterThan(0);
		const trained = await api.trainLesson({
			...lesson,
			settings: { ...settings, steps: 8, learningRate: 1e-2 },
		});
		const losses = trained.lesson?.validations.map(({ loss }) => loss) ?? [];
		expect(losses[0]).toBeCloseTo(Math.log(2), 4);
		expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
		const { lesson: examined } = await api.examineLesson();
		const { preferred, margin, loss } = examined?.examination ?? {};
		expect(preferred?.difference.n).toBe(3);
		expect(loss?.difference.n).toBe(3);
		expect(margin?.difference.low).toBeGreaterThan(0);
		expect(examined?.verdict?.sentence).toMatch(/^Better at yours/);

		const { name, bytes } = await api.handOver(lesson);
		expect(name).toBe('evolvarium-handover.zip');
		const files = readZip(bytes, { entries: 100, bytes: 1e7, ratio: 100 });
		const read = (path: string) =>
			new TextDecoder().decode(files.get(`evolvarium-handover/${path}`)?.bytes());
		expect(read('data/dpo-training.jsonl').trim().split('\n')).toHaveLength(7);
		expect(read('README.md')).toContain('what was learnt so far');
		expect([...files.keys()].join(' ')).not.toMatch(/pairs|Keys/);
	});

	test('of a good and a bad answer go when either is taken away', async () => {
		const { api } = open(tiny);
		const judged = (name: string, completion: string, label: boolean) =>
			file(name, JSON.stringify({ prompt: user('Where?'), completion: says(completion), label }));
		await api.addData([judged('good.jsonl', 'Here.', true), judged('bad.jsonl', 'No.', false)]);
		expect(await api.teachProject()).toMatchObject({ counts: { pairs: 1, training: 1 } });
		const left = await api.removeData('good.jsonl');
		expect(left).toMatchObject({ rows: 1, counts: { pairs: 0, training: 0, unpaired: 1 } });
		expect(left?.files.map(({ name }) => name)).toEqual(['bad.jsonl']);
		const { rows } = await api.dataRows({ filter: 'all', offset: 0, limit: 9 });
		expect(rows).toMatchObject([{ answered: 'No.', isBad: true }]);
	});
});
