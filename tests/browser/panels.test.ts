/** @file The Experiences and Runs pages and the Try-it box in a real browser, over stored runs. */
import axe from 'axe-core';
import { flushSync } from 'svelte';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Store } from '#storage/store.ts';
import { text } from '../ui/open-page.ts';
import { aStoredRun, openStored, rowsOf, storeOf, type StoredPage } from '../ui/stored-runs.ts';

let opened: StoredPage | undefined;
const open = (store: Store, hash: string): StoredPage => (opened = openStored(store, hash));
beforeEach(() => {
	localStorage.clear();
});
afterEach(async () => {
	await opened?.close();
	opened = undefined;
	await page.viewport(1280, 900);
});

/** Two busy cores may take their time. */
const soon = <T>(look: () => T | Promise<T>, timeout = 15_000) => expect.poll(look, { timeout });
const grid = () => document.querySelector('[role=grid]');
const rowCount = () => Number(grid()?.getAttribute('aria-rowcount') ?? 0) - 1;
const loaded = (n: number) => soon(rowCount).toBe(n);
const box = (name: string) => page.getByRole('textbox', { name });
const press = (name: string | RegExp) => page.getByRole('button', { name });

const two = async () =>
	storeOf([
		{ run: aStoredRun('a', { name: 'First try' }), rows: rowsOf('a', 5, 40) },
		{
			run: aStoredRun(
				'b',
				{
					name: '<img src=x onerror=alert(1)>',
					status: 'paused',
					recipe: { ...aStoredRun('b').recipe, seed: 9, knobs: { format: 'plain', rank: 4 } },
					scores: aStoredRun('b').scores.slice(0, 3),
				},
				false,
			),
			rows: [],
		},
	]);

async function violations(): Promise<readonly string[]> {
	const { violations: found } = await axe.run(document.body, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
		rules: { region: { enabled: false } },
	});
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
const sticksOut = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

describe('experiences', () => {
	test('every row is there, with counts and their n', async () => {
		open(await two(), '#/experiences?run=a');
		await loaded(200);
		expect(text('.counts')).toMatch(/^200 in all 80 % kept \(160\)/);
		expect(text('.counts')).toMatch(/\d+ % of the kept are true \(n = 160\)/);
		expect(document.querySelectorAll('.row').length).toBeLessThan(60);
	});

	test('filters narrow the rows, and one click shows all again', async () => {
		open(await two(), '#/experiences?run=a');
		await loaded(200);
		await page.getByRole('combobox', { name: 'Round' }).selectOptions('3');
		await loaded(40);
		await page.getByRole('combobox', { name: 'Kept' }).selectOptions('set aside');
		await loaded(8);
		expect(text('.row:nth-child(1) .why, .why')).toBe('only 4 of 5 agree');
		await press('Show all').click();
		await loaded(200);
		await page.getByRole('searchbox').fill('no such thing');
		await loaded(0);
		expect(text('[role=grid]')).toContain('None of them is like that.');
	});

	test('a column sorts, and says so; once more it turns round', async () => {
		open(await two(), '#/experiences?run=a');
		await loaded(200);
		const header = page.getByRole('columnheader', { name: /^size/ });
		await header.getByRole('button').click();
		expect(header.element().getAttribute('aria-sort')).toBe('ascending');
		await soon(() => text('.row:not(.head) .size')).toContain('9');
		await header.getByRole('button').click();
		expect(header.element().getAttribute('aria-sort')).toBe('descending');
		await soon(() => text('.row:not(.head) .size')).toContain('13');
	});

	test('what the model never sees is marked as that', async () => {
		open(await two(), '#/experiences?run=a');
		await loaded(200);
		expect(text('.head .truth')).toContain('never shown to the model');
	});

	test('the keyboard walks the rows, opens one, rejects it and takes that back', async () => {
		const { session } = open(await two(), '#/experiences?run=a');
		await loaded(200);
		const first = document.querySelector<HTMLElement>('[data-at="0"]');
		first?.focus();
		await userEvent.keyboard('{ArrowDown}{ArrowDown}');
		expect(document.activeElement?.getAttribute('data-at')).toBe('2');
		await userEvent.keyboard('{End}');
		await soon(() => document.activeElement?.getAttribute('data-at')).toBe('199');
		await userEvent.keyboard('{Home}');
		await soon(() => document.activeElement?.getAttribute('data-at')).toBe('0');
		await userEvent.keyboard('{Enter}');
		await soon(() => document.querySelectorAll('dialog li').length).toBe(5);
		expect(text('dialog')).toContain('p-3f9a17c2');
		await press(/^Reject$/).click();
		const rejected = async () =>
			(await session.experiences('a')).filter((row) => row.rejected).map(({ id }) => id);
		await soon(rejected).toHaveLength(1);
		await soon(() => text('dialog')).toContain('no: rejected by hand');
		await userEvent.keyboard('{Escape}');
		expect(document.activeElement?.getAttribute('data-at')).toBe('0');
		expect(document.querySelectorAll('.row.rejected').length).toBe(1);
		expect(text('.said')).toContain('no update will draw on it again');
		await press('Take that back').click();
		await soon(rejected).toHaveLength(0);
		await soon(() => document.querySelectorAll('.row.rejected').length).toBe(0);
	});

	test('an address opens an experience', async () => {
		open(await two(), '#/experiences?run=a&id=t003-000005');
		await soon(() => document.querySelectorAll('dialog li').length).toBe(5);
	});

	test('what the model wrote is text, never HTML', async () => {
		const [row] = rowsOf('a', 1, 1);
		if (!row) throw new Error('a row was due');
		const evil = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
		const rows = [{ ...row, text: evil, answer: evil, reason: evil, expected: evil }];
		open(await storeOf([{ run: aStoredRun('a'), rows }]), `#/experiences?run=a&id=${row.id}`);
		await soon(() => document.querySelectorAll('dialog li').length).toBe(5);
		expect(text('dialog h2')).toBe(evil);
		expect(text('dialog .completion')).toMatch(/^\d+\$$/);
		expect(text('dialog li:last-child .completion')).toBe('<b>no</b>');
		expect(document.querySelectorAll('main img, dialog img, main script, dialog b').length).toBe(0);
		expect(Reflect.get(window, 'broken')).toBeUndefined();
	});

	test('without a run it says how to get one', async () => {
		open(await storeOf([]), '#/experiences');
		await soon(() => text('.empty')).toContain('There is no run of your own yet');
		expect(await violations()).toEqual([]);
	});

	test('rows of a step that is finished meanwhile appear', async () => {
		const run = aStoredRun('a');
		const { say } = open(await two(), '#/experiences?run=a');
		await loaded(200);
		const rows = rowsOf('a', 6, 10).filter(({ t }) => t === 6);
		say({ type: 'committed', runId: 'b', step: 'acquired', run, rows });
		say({ type: 'committed', runId: 'a', step: 'acquired', run, rows });
		await loaded(210);
		expect(text('.row:not(.head) .round')).toBe('round6');
	});
});

describe('with 100,000 experiences', () => {
	let store: Store;
	beforeAll(async () => {
		store = await storeOf([{ run: aStoredRun('a'), rows: rowsOf('a', 50, 2000) }]);
	}, 120_000);

	test('few rows are in the document, and filter and sort are timed from input to drawing', async () => {
		open(store, '#/experiences?run=a');
		await soon(() => text('.reading')).toContain('read …');
		await soon(() => text('.reading'), 60_000).toBe('');
		await loaded(100_000);
		expect(document.querySelectorAll('.row').length).toBeLessThan(60);
		const search = document.querySelector<HTMLInputElement>('input[type=search]');
		const times: number[] = [];
		const timed = (act: () => void) => {
			const began = performance.now();
			act();
			flushSync();
			void document.body.offsetHeight;
			times.push(performance.now() - began);
		};
		const type = (value: string) => {
			timed(() => {
				if (search) search.value = value;
				search?.dispatchEvent(new InputEvent('input', { bubbles: true }));
			});
		};
		for (const words of ['1', '12', '123', '12 + 3', 'agree', 'zzz', '']) type(words);
		for (const head of document.querySelectorAll<HTMLElement>('.head button'))
			for (let i = 0; i < 2; i++)
				timed(() => {
					head.click();
				});
		for (const select of document.querySelectorAll<HTMLSelectElement>(
			'.filters select:not(.phone)',
		))
			for (const index of [1, 2, 0])
				timed(() => {
					select.selectedIndex = index;
					select.dispatchEvent(new Event('change', { bubbles: true }));
				});
		expect(rowCount()).toBe(100_000);
		times.sort((a, b) => a - b);
		const at = (share: number) => (times[Math.ceil(share * times.length) - 1] ?? 0).toFixed(1);
		console.log(
			`100,000 experiences, ${times.length} filters and sorts: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms`,
		);
	}, 120_000);
});

describe('runs', () => {
	const names = () => [...document.querySelectorAll('.name')].slice(1).map((e) => e.textContent);

	test('every run is listed with its frontier before and after', async () => {
		open(await two(), '#/runs');
		await soon(() => document.querySelectorAll('li').length).toBe(2);
		expect(text('main ul')).toContain('8 → 13');
		expect(text('main ul')).toContain('8 → 10');
		expect(document.querySelectorAll('main img').length).toBe(0);
	});

	test('two runs are compared side by side, with the knobs in which they differ', async () => {
		open(await two(), '#/runs');
		await page.getByRole('checkbox', { name: 'Compare First try' }).click();
		await page.getByRole('checkbox', { name: /Compare <img/ }).click();
		await soon(() => document.querySelectorAll('.maps table').length).toBe(2);
		expect(document.querySelectorAll('path.run').length).toBe(2);
		const differ = [...document.querySelectorAll('section > table tbody tr')].map((row) =>
			[...row.children].map((cell) => cell.textContent.trim()),
		);
		expect(differ).toEqual([
			['Seed', '1', '9'],
			[expect.stringMatching(/rank/i), '16', '4'],
		]);
		expect(location.hash).toContain('a=a&b=b');
		expect(await violations()).toEqual([]);
	});

	test('a run is renamed in place; Escape leaves it as it was', async () => {
		const { session } = open(await two(), '#/runs');
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
		const { session } = open(await two(), '#/runs');
		const group = page.getByRole('group', { name: 'Do with First try' });
		await group.getByRole('button', { name: 'Delete' }).click();
		await press('Keep it').click();
		expect(await session.runs()).toHaveLength(2);
		await group.getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
		await soon(names).toHaveLength(1);
		await press('Undo').click();
		await soon(names).toContain('First try');
		const back = (await session.runs()).find(({ name }) => name === 'First try');
		expect(await session.experiences(back?.id ?? '')).toHaveLength(200);
	});

	test('a file that is no run is refused with a sentence, and nothing is written', async () => {
		const { session } = open(await two(), '#/runs');
		await soon(() => document.querySelectorAll('li').length).toBe(2);
		const data = new DataTransfer();
		data.items.add(new File(['not a zip'], 'holiday.zip'));
		const panel = document.querySelector('.panel');
		panel?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
		await soon(() => text('.said [role=alert]')).toMatch(/^holiday\.zip: .*\.$/);
		expect(await session.runs()).toHaveLength(2);
	});

	test('an exported run comes back through the file input', async () => {
		const { session } = open(await two(), '#/runs');
		await soon(() => document.querySelectorAll('li').length).toBe(2);
		const { name, bytes } = await session.export('a', 'run');
		const input = page.getByLabelText('Run to import');
		await userEvent.upload(input, new File([new Uint8Array(bytes)], name));
		await soon(() => document.querySelectorAll('li').length).toBe(3);
		expect(text('.said [role=status]')).toContain('First try');
	});

	test('export says what it packed, or why it cannot', async () => {
		open(await two(), '#/runs');
		const group = page.getByRole('group', { name: 'Do with First try' });
		await group.getByRole('button', { name: 'Export' }).click();
		await press(/JSONL/).click();
		await soon(() => text('.said')).toMatch(/Exported a\.jsonl \([\d.]+ kB\)\./);
		await page
			.getByRole('group', { name: /Do with <img/ })
			.getByRole('button', { name: 'Export' })
			.click();
		await press(/PEFT/).click();
		await soon(() => text('.said')).toContain('has not been trained yet');
	});

	test('the space taken is told', async () => {
		open(await two(), '#/runs');
		await soon(() => text('.space')).toMatch(/used of .* that this browser gives/);
	});
});

describe('try it', () => {
	test('before a session is open it says so, and opens one', async () => {
		open(await two(), '');
		await soon(() => text('.try')).toContain('The model is not open yet');
		expect(box('A sum to add').element()).toHaveProperty('disabled', true);
		await press('Open the model').click();
		await expect.element(box('A sum to add')).toBeEnabled();
	});

	test('the same task is answered before and after, wrong digits told and underlined', async () => {
		const { app } = open(await two(), '');
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

	test('what cannot be read is answered with the form expected', async () => {
		const { app } = open(await two(), '');
		await app.show('a');
		await box('A sum to add').fill('three and four');
		await press(/^Ask$/).click();
		await soon(() => text('.fault')).toBe(
			'Type two whole numbers with a plus between them, like 357 + 864.',
		);
	});

	test('an example is asked at once', async () => {
		const { app } = open(await two(), '');
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
		await page.viewport(width, import.meta.env['VITE_LOOK'] ? 1500 : 844);
		document.documentElement.dataset['theme'] = theme;
	});
	afterEach(() => {
		delete document.documentElement.dataset['theme'];
	});

	test.each(['#/experiences?run=a', '#/experiences?run=a&id=t003-000005', '#/runs?a=a&b=b'])(
		'axe finds nothing to object to and nothing sticks out: %s',
		async (hash) => {
			open(await two(), hash);
			if (hash.includes('experiences')) await loaded(200);
			else await soon(() => document.querySelectorAll('.maps table').length).toBe(2);
			if (hash.includes('id=')) await soon(() => text('dialog')).toContain('answered by');
			expect(await violations()).toEqual([]);
			expect(sticksOut()).toBeLessThanOrEqual(0);
			const shot = hash.replace(/\W+/g, '-');
			if (import.meta.env['VITE_LOOK'])
				await page.screenshot({ path: `../../node_modules/.look/panels${shot}-${width}.png` });
		},
	);

	test('axe finds nothing to object to in the Try-it box', async () => {
		const { app } = open(await two(), '');
		await app.show('a');
		await press(/^13 digits/).click();
		await soon(() => document.querySelectorAll('.answers .answer').length).toBe(2);
		expect(await violations()).toEqual([]);
		expect(sticksOut()).toBeLessThanOrEqual(0);
		if (import.meta.env['VITE_LOOK']) {
			document.querySelector('.try')?.scrollIntoView({ block: 'center' });
			await page.screenshot({ path: `../../node_modules/.look/try-${width}.png` });
		}
	});
});
