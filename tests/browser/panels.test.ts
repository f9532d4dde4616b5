/** @file The Runs page and the Try-it box in a real browser, over stored runs; and whether everyone can use all panels. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { text } from '../ui/open-page.ts';
import { box, loaded, press, soon, sticksOut, storedPages, violations } from '../ui/stored-page.ts';
import { isScore } from '#runs/stored/score.ts';
import { aStoredRun, storeOf, twoRuns } from '../ui/stored-runs.ts';

const open = storedPages();

describe('runs', () => {
	const names = () => [...document.querySelectorAll('.name')].slice(1).map((e) => e.textContent);

	test('every run is listed with its frontier before and after', async () => {
		open(await twoRuns(), '#/runs');
		await soon(() => document.querySelectorAll('li').length).toBe(2);
		expect(text('main ul')).toContain('8 → 13');
		expect(text('main ul')).toContain('8 → 10');
		expect(document.querySelectorAll('main img').length).toBe(0);
	});

	test('two runs are compared side by side, with the knobs in which they differ', async () => {
		open(await twoRuns(), '#/runs');
		await page.getByRole('checkbox', { name: 'Compare First try' }).click();
		await page.getByRole('checkbox', { name: /Compare <img/ }).click();
		await soon(() => document.querySelectorAll('.maps table').length).toBe(2);
		expect(document.querySelectorAll('path.run').length).toBe(2);
		const differ = [...document.querySelectorAll('section > table tbody tr')].map((row) =>
			[...row.children].map((cell) => cell.textContent.trim()),
		);
		expect(differ).toEqual([
			['Seed', '1', '9'],
			[expect.stringMatching(/rank/i), '64', '4'],
		]);
		expect(location.hash).toContain('a=a&b=b');
		expect(await violations()).toEqual([]);
	});

	test('what a run cost is said where it was counted, and compared beside what it gained', async () => {
		const cost = { ...{ tokensIn: 1_200_000, tokensOut: 3e5, tokensTrained: 9e5 }, flop: 2.1e12 };
		const undone = { rolledBack: 'difficulty 8 (equal) fell from 198 of 200 to 180 of 200' };
		const dear = aStoredRun('c', { name: 'Dear', cost: { ...cost, seconds: 180 } });
		const scores = dear.scores.map((score, t) =>
			t === 5 && isScore(score) ? { ...score, ...undone } : score,
		);
		const runs = [{ ...dear, scores }, aStoredRun('d', { name: 'Old' })];
		open(await storeOf(runs.map((run) => ({ run, rows: [] }))), '#/runs?a=c&b=d');
		await soon(() => document.querySelectorAll('.entry').length).toBe(2);
		expect([...document.querySelectorAll('.entry .cost dd')].map((e) => e.textContent)).toEqual([
			'1.2 M tokens read, 300 k written, 900 k trained · 2.1 TFLOP · 3 min',
		]);
		const table = page.getByRole('table', { name: 'What they cost' }).element();
		const rows = [...table.querySelectorAll('tbody tr')].map((row) =>
			[...row.children].map((cell) => cell.textContent),
		);
		expect(rows).toContainEqual(['Frontier', '8 → 12', '8 → 13']);
		expect(rows).toContainEqual(['Operations', '2.1 TFLOP', 'not counted']);
		expect(text('section[aria-labelledby=compare-title]')).toContain(
			'Dear: Round 5 was undone: difficulty 8 (equal) fell from 198 of 200 to 180 of 200.',
		);
		expect(document.querySelectorAll('path.undone').length).toBe(1);
		expect(document.querySelectorAll('.maps td.undone').length).toBeGreaterThan(0);
		expect(await violations()).toEqual([]);
	});

	test('a run is renamed in place; Escape leaves it as it was', async () => {
		const { session } = open(await twoRuns(), '#/runs');
		await press('Rename First try').click();
		await userEvent.keyboard('{Escape}');
		await soon(() => document.activeElement?.getAttribute('aria-label')).toBe('Rename First try');
		await press('Rename First try').click();
		await box('Name of the run').fill('Second thoughts');
		await userEvent.keyboard('{Enter}');
		await soon(names).toContain('Second thoughts');
		expect((await session.runs()).map(({ name }) => name)).toContain('Second thoughts');
	});

	test('deleting asks first, and can be undone with all its experience', async () => {
		const { session } = open(await twoRuns(), '#/runs');
		const group = page.getByRole('group', { name: 'Do with First try' });
		await group.getByRole('button', { name: 'Delete' }).click();
		await press('Keep it').click();
		expect(await session.runs()).toHaveLength(2);
		await group.getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
		await soon(names).toHaveLength(1);
		// What is done in between does not take the only copy away.
		await press(/^Rename/).click();
		await box('Name of the run').fill('Renamed meanwhile');
		await userEvent.keyboard('{Enter}');
		await soon(names).toContain('Renamed meanwhile');
		await press('Undo deleting First try').click();
		await soon(names).toContain('First try');
		const back = (await session.runs()).find(({ name }) => name === 'First try');
		expect(await session.experiences(back?.id ?? '')).toHaveLength(200);
	});

	test('a dialog gives the focus back to the button that opened it', async () => {
		const { session } = open(await twoRuns(), '#/runs');
		let finish = (): void => undefined;
		const slow = new Promise<void>((resolve) => (finish = resolve));
		const whole = session.export.bind(session);
		vi.spyOn(session, 'export').mockImplementation((...of) => slow.then(() => whole(...of)));
		const group = page.getByRole('group', { name: 'Do with First try' });
		for (const [opener, inside] of [
			['Delete', 'Keep it'],
			['Export', /JSONL/],
		] as const) {
			const button = group.getByRole('button', { name: opener });
			await button.click();
			await press(inside).click();
			await soon(() => document.querySelector('dialog')).toBeNull();
			// An export that takes longer than a frame keeps it as well.
			for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
			expect(document.activeElement).toBe(button.element());
		}
		finish();
	});

	test('a file that cannot be read, as a folder, is refused with a sentence', async () => {
		open(await twoRuns(), '#/runs');
		await soon(() => document.querySelectorAll('li').length).toBe(2);
		const data = new DataTransfer();
		data.items.add(new File([], 'holidays'));
		const unreadable = new DOMException('no', 'NotReadableError');
		vi.spyOn(Blob.prototype, 'arrayBuffer').mockRejectedValueOnce(unreadable);
		const panel = document.querySelector('.panel');
		panel?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
		await soon(() => text('.notice [role=alert]')).toBe(
			'holidays: It cannot be read; give the file that Export made, not a folder.',
		);
	});

	test('a file that is no run is refused with a sentence, and nothing is written', async () => {
		const { session } = open(await twoRuns(), '#/runs');
		await soon(() => document.querySelectorAll('li').length).toBe(2);
		const data = new DataTransfer();
		data.items.add(new File(['not a zip'], 'holiday.zip'));
		const panel = document.querySelector('.panel');
		panel?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
		await soon(() => text('.notice [role=alert]')).toMatch(/^holiday\.zip: .*\.$/);
		expect(await session.runs()).toHaveLength(2);
	});

	test('an exported run comes back through the file input', async () => {
		const { session } = open(await twoRuns(), '#/runs');
		await soon(() => document.querySelectorAll('li').length).toBe(2);
		const { name, bytes } = await session.export('a', 'run');
		const input = page.getByLabelText('Run to import');
		await userEvent.upload(input, new File([new Uint8Array(bytes)], name));
		await soon(() => document.querySelectorAll('li').length).toBe(3);
		expect(text('.notice [role=status]')).toContain('First try');
	});

	test('export says what it packed, or why it cannot', async () => {
		open(await twoRuns(), '#/runs');
		const group = page.getByRole('group', { name: 'Do with First try' });
		await group.getByRole('button', { name: 'Export' }).click();
		await press(/JSONL/).click();
		await soon(() => text('.notice')).toMatch(/Exported a\.jsonl \([\d.]+ kB\)\./);
		await page
			.getByRole('group', { name: /Do with <img/ })
			.getByRole('button', { name: 'Export' })
			.click();
		await press(/PEFT/).click();
		await soon(() => text('.notice')).toContain('has not been trained yet');
	});

	test('files that no run needs are told with their size, and deleted at once if one likes', async () => {
		const store = await storeOf([{ run: aStoredRun('a'), rows: [] }]);
		let files = 2;
		open(
			{
				...store,
				trash: () => Promise.resolve({ files, bytes: files * 1_200_000 }),
				emptyTrash: () => Promise.resolve(void (files = 0)),
			},
			'#/runs',
		);
		await soon(() => text('.content')).toContain('Trash: 2 files that no run needs, 2.4 MB.');
		await press('Delete them now').click();
		await soon(() => text('.notice')).toContain('The trash is empty.');
		await soon(() => text('.content')).not.toContain('Trash:');
	});

	test('a run says what came of it', async () => {
		const truth = { t: 5, asked: 400, kept: 100, judged: 100, correct: 40, believed: 0.9 };
		const truths = [{ ...truth, correctBefore: 40, judgedBefore: 100 }];
		open(await storeOf([{ run: aStoredRun('a', { truths }), rows: [] }]), '#/runs');
		await soon(() => text('.outcome')).toContain(
			'it climbs on errors: of what it kept in round 5 only 40 % is true (40 of 100)',
		);
	});

	test('the space taken is shown', async () => {
		open(await twoRuns(), '#/runs');
		await soon(() => text('.space')).toMatch(/used of .* that this browser gives/);
	});
});

describe('try it', () => {
	test('before a session is open it says so, and opens one', async () => {
		open(await twoRuns(), '');
		await soon(() => text('.try')).toContain('The model is not open yet');
		expect(box('A sum to add').element()).toHaveProperty('disabled', true);
		await press('Open the model').click();
		await expect.element(box('A sum to add')).toBeEnabled();
	});

	test('the same task is answered before and after, wrong digits named and underlined', async () => {
		const { app } = open(await twoRuns(), '');
		await app.show('a');
		await box('A sum to add').fill('357 + 864');
		await userEvent.keyboard('{Enter}');
		await soon(() => document.querySelectorAll('.answers .answer').length).toBe(2);
		const [before, now] = [...document.querySelectorAll('.answers .answer')].map((e) =>
			e.textContent.replace(/\s+/g, ' '),
		);
		expect(before).toContain('2221');
		expect(before).toContain('wrong: digit 1 wrong, of 4');
		expect(now).toContain('1221');
		expect(now).toContain('✓ right');
		expect([...document.querySelectorAll('.answers .wrong')].map((e) => e.textContent)).toEqual([
			'2',
		]);
	});

	test('an unreadable task is answered with the form expected', async () => {
		const { app } = open(await twoRuns(), '');
		await app.show('a');
		await box('A sum to add').fill('three and four');
		await press(/^Ask$/).click();
		await soon(() => text('.fault')).toBe(
			'Type two whole numbers with a plus between them, like 357 + 864.',
		);
	});

	test('an example is asked at once', async () => {
		const { app } = open(await twoRuns(), '');
		await app.show('a');
		await press(/^13 digits/).click();
		await soon(() => document.querySelectorAll('.answers .answer').length).toBe(2);
	});
});

describe.each([
	[1280, 'light'],
	[390, 'dark'],
] as const)('at %i pixels, in %s', (width, theme) => {
	beforeEach(async () => {
		await page.viewport(width, 844);
		document.documentElement.dataset['theme'] = theme;
	});
	afterEach(() => {
		delete document.documentElement.dataset['theme'];
	});

	test.each(['#/experiences?run=a', '#/experiences?run=a&id=t003-000005', '#/runs?a=a&b=b'])(
		'axe finds nothing to object to and nothing sticks out: %s',
		async (hash) => {
			open(await twoRuns(), hash);
			if (hash.includes('experiences')) await loaded(200);
			else await soon(() => document.querySelectorAll('.maps table').length).toBe(2);
			if (hash.includes('id=')) await soon(() => text('dialog')).toContain('answered by');
			expect(await violations()).toEqual([]);
			expect(sticksOut()).toBeLessThanOrEqual(0);
		},
	);

	test.each([
		['#/map', 'h3', 9],
		['#/gallery?environment=list-programs', 'form', 1],
	])('axe finds nothing to object to and nothing sticks out: %s', async (hash, what, count) => {
		open(await twoRuns(), hash);
		await soon(() => document.querySelectorAll(`main ${what}`).length).toBe(count);
		expect(await violations()).toEqual([]);
		expect(sticksOut()).toBeLessThanOrEqual(0);
	});

	test('axe finds nothing to object to in the Try-it box', async () => {
		const { app } = open(await twoRuns(), '');
		await app.show('a');
		await press(/^13 digits/).click();
		await soon(() => document.querySelectorAll('.answers .answer').length).toBe(2);
		expect(await violations()).toEqual([]);
		expect(sticksOut()).toBeLessThanOrEqual(0);
	});
});
