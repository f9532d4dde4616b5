/** @file The Experiences page in a real browser: every row, by filter, by order, by keyboard; 100,000 of them. */
import { flushSync } from 'svelte';
import { beforeAll, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { savedStateOf } from '#runs/stored/saved-state.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import type { Store } from '#storage/runs/store.ts';
import { stateAt } from '../ui/events.ts';
import { text } from '../ui/open-page.ts';
import { loaded, press, rowCount, soon, storedPages, violations } from '../ui/stored-page.ts';
import { anExperience, aStoredRun, dialogue, rowsOf, storeOf, twoRuns } from '../ui/stored-runs.ts';

const open = storedPages();
/** Answers shown in the dialog. */
const answers = () => document.querySelectorAll('dialog .answers > li').length;

describe('experiences', () => {
	test('every row is there, with counts and their n', async () => {
		open(await twoRuns(), '#/experiences?run=a');
		await loaded(200);
		expect(text('.counts')).toMatch(/^200 in all 80 % kept \(160\)/);
		expect(text('.counts')).toMatch(/\d+ % of the kept are true \(n = 160\)/);
		expect(document.querySelectorAll('.row').length).toBeLessThan(60);
	});

	test('filters narrow the rows, and one click shows all again', async () => {
		open(await twoRuns(), '#/experiences?run=a');
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
		expect(text('[role=grid]')).toContain('No experience matches the filters.');
	});

	test('a column sorts, and says so; once more it turns round', async () => {
		open(await twoRuns(), '#/experiences?run=a');
		await loaded(200);
		const header = page.getByRole('columnheader', { name: /^size/ });
		await header.getByRole('button').click();
		expect(header.element().getAttribute('aria-sort')).toBe('ascending');
		await soon(() => text('.row:not(.head) .size')).toContain('9');
		await header.getByRole('button').click();
		expect(header.element().getAttribute('aria-sort')).toBe('descending');
		await soon(() => text('.row:not(.head) .size')).toContain('13');
	});

	test('columns that the model never sees are marked', async () => {
		open(await twoRuns(), '#/experiences?run=a');
		await loaded(200);
		expect(text('.head .truth')).toContain('never shown to the model');
	});

	test('the page says if the method learns from the truth', async () => {
		const { recipe } = aStoredRun('a');
		const run = aStoredRun('a', { recipe: { ...recipe, method: 'star' } });
		open(
			await storeOf([{ run, rows: await rowsOf('a', 1, 4) }]),
			'#/experiences?run=a&id=t001-000002',
		);
		await loaded(4);
		expect(text('.head .truth')).toContain('what it learns from');
		expect(text('.foot')).toContain('This method learns from it.');
		await soon(() => text('dialog .truth .note')).toBe(
			'(the verifier’s word, which this method learns from)',
		);
		expect(text('main')).not.toMatch(/never/);
	});

	test('with the recording playing, the newest stored run is shown', async () => {
		const store = await storeOf([{ run: aStoredRun('a'), rows: await rowsOf('a', 5, 40) }]);
		const { app } = open(store, '#/experiences');
		app.world.begin('recorded');
		app.world.apply([{ type: 'run', run: aStoredRun('recorded elsewhere') }]);
		await loaded(200);
	});

	test('the next experience opens in the same dialog, and the focus stays', async () => {
		open(await twoRuns(), '#/experiences?run=a');
		await loaded(200);
		document.querySelector<HTMLElement>('[data-at="0"]')?.focus();
		await userEvent.keyboard('{Enter}');
		await soon(() => text('dialog')).toContain('answered by');
		const before = text('dialog h2');
		const next = press('Next experience').element();
		if (next instanceof HTMLElement) next.focus();
		await userEvent.keyboard('{Enter}');
		await soon(() => text('dialog h2')).not.toBe(before);
		await soon(() => text('dialog')).toContain('answered by');
		expect(document.activeElement).toBe(next);
	});

	test('the keyboard walks the rows, opens one, rejects it and takes that back', async () => {
		const { session } = open(await twoRuns(), '#/experiences?run=a');
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
		await soon(answers).toBe(5);
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
		open(await twoRuns(), '#/experiences?run=a&id=t003-000005');
		await soon(answers).toBe(5);
	});

	test('model output is text, never HTML', async () => {
		const [row] = await rowsOf('a', 1, 1);
		if (!row) throw new Error('a row was due');
		const evil = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
		const rows = [{ ...row, text: evil, answer: evil, reason: evil, expected: evil }];
		open(await storeOf([{ run: aStoredRun('a'), rows }]), `#/experiences?run=a&id=${row.id}`);
		await soon(answers).toBe(5);
		expect(text('dialog h2')).toBe(evil);
		expect(text('dialog .completion')).toMatch(/^\d+\$$/);
		expect(text('dialog .answers > li:last-child .completion')).toBe('<b>no</b>');
		expect(document.querySelectorAll('main img, dialog img, main script, dialog b').length).toBe(0);
		expect(Reflect.get(window, 'broken')).toBeUndefined();
	});

	test('a rollout of several turns is a list of who said what, with its rewards by name', async () => {
		const [row] = await rowsOf('a', 1, 1);
		if (!row) throw new Error('a row was due');
		const payload = { ...anExperience(1, 0, 9), rollouts: [dialogue] };
		const rows = [{ ...row, payload }];
		open(await storeOf([{ run: aStoredRun('a'), rows }]), `#/experiences?run=a&id=${row.id}`);
		await soon(() => document.querySelectorAll('dialog .turns li').length).toBe(5);
		const turns = [...document.querySelectorAll('dialog .turns li')].map((turn) =>
			[...turn.children].map((part) => part.textContent.replace(/\s+/g, ' ').trim()),
		);
		expect(turns).toEqual([
			['system', 'Add with the tool.'],
			['user', 'What is <i>12 + 30</i>?'],
			['model 2 tokens, 77.9 % likely a token, on average (−0.250 nats)', '<b>add 12 30</b>'],
			['tool', '42'],
			['model', 'It is 42.'],
		]);
		expect(text('dialog .rewards')).toBe(
			'rewards: correct 100 %; format 50 % (weight 0.2); style not judged: <b>nobody</b> looked',
		);
		expect(text('dialog')).toContain('ended: no turns were left');
		expect(document.querySelectorAll('dialog b, dialog i').length).toBe(0);
		expect(await violations()).toEqual([]);
	});

	test('a move of a game is drawn as boards or heaps from there on, with the words of each move', async () => {
		const [row] = await rowsOf('a', 1, 1);
		if (!row) throw new Error('a row was due');
		const { rollouts } = anExperience(1, 0, 9);
		const games: NonNullable<Rollout['game']>[] = [
			[
				{ seat: 'second', item: { board: 'xx-oo--xxo-o-x-o' }, answer: '6' },
				{ seat: 'first', item: { board: 'oo-xxo-oox-x-o-x' }, answer: '3' },
			],
			[{ seat: 'first', item: { heaps: [5, 3] }, answer: '32' }],
		];
		const played = games.flatMap((game) => rollouts.slice(0, 1).map((one) => ({ ...one, game })));
		const rows = [{ ...row, payload: { ...anExperience(1, 0, 9), rollouts: played } }];
		open(await storeOf([{ run: aStoredRun('a'), rows }]), `#/experiences?run=a&id=${row.id}`);
		await soon(() => document.querySelectorAll('dialog .game').length).toBe(2);
		expect(text('dialog .game')).toContain('second, this move: square 6');
		expect(text('dialog .game li + li')).toContain('first: square 3');
		expect(document.querySelectorAll('dialog .board .move').length).toBe(2);
		expect(document.querySelectorAll('dialog .counter.taken').length).toBe(2);
		expect(await violations()).toEqual([]);
	});

	test('without a run it says how to get one', async () => {
		open(await storeOf([]), '#/experiences');
		await soon(() => text('.empty')).toContain('There is no run of your own yet');
		expect(await violations()).toEqual([]);
	});

	test('rows of a step that is finished meanwhile appear', async () => {
		const run = aStoredRun('a');
		const { say } = open(await twoRuns(), '#/experiences?run=a');
		await loaded(200);
		const rows = (await rowsOf('a', 6, 10)).filter(({ t }) => t === 6);
		say({ type: 'committed', runId: 'b', step: 'acquired', run, rows });
		say({ type: 'committed', runId: 'a', step: 'acquired', run, rows });
		await loaded(210);
		expect(text('.row:not(.head) .round')).toBe('round 6');
	});
});

describe('the memory of a run', () => {
	const entry = (id: string, text: string) => ({
		...{ id, kind: 'experience', text, t: 1, from: [], about: 'title' },
		task: 'Write <b>a title</b>.',
	});
	const state = stateAt(2, '');
	const memory = [entry('case/1', '<<One>>'), entry('case/2', '<i>Two</i>')];
	const remembering = async () =>
		storeOf([
			{
				run: aStoredRun('a', {
					status: 'paused',
					state: { ...state, policy: { ...state.policy, memory } },
				}),
				rows: await rowsOf('a', 1, 4),
			},
		]);
	const remembered = async (store: Store) =>
		savedStateOf((await store.run('a'))?.state)?.policy.memory.map(({ text: said }) => said);

	test('is read, rewritten, forgotten, and taken back', async () => {
		const store = await remembering();
		open(store, '#/experiences?run=a');
		await soon(() => text('#memory-title')).toContain('2 entries');
		await page.getByText('title 2').click();
		expect(text('details')).toContain('Write <b>a title</b>.');
		expect(text('details')).toContain('<i>Two</i>');
		await press('Edit').first().click();
		await page.getByLabelText('What it remembers').fill('<<Uno>>');
		await press('Save').click();
		await expect.poll(() => remembered(store)).toEqual(['<<Uno>>', '<i>Two</i>']);
		await press('Forget').last().click();
		await expect.poll(() => remembered(store)).toEqual(['<<Uno>>']);
		await press('Take that back').click();
		await expect.poll(() => remembered(store)).toEqual(['<<Uno>>', '<i>Two</i>']);
		expect(await violations()).toEqual([]);
	});
});

describe('with 100,000 experiences', () => {
	let store: Store;
	beforeAll(async () => {
		store = await storeOf([{ run: aStoredRun('a'), rows: await rowsOf('a', 50, 2000) }]);
	}, 120_000);

	test('few rows are in the document, and filter and sort are timed from input to drawing', async () => {
		open(store, '#/experiences?run=a');
		await soon(() => text('.reading')).toContain('read …');
		await soon(() => text('.reading'), 60_000).toBe('');
		await loaded(100_000);
		expect(document.querySelectorAll('.row').length).toBeLessThan(60);
		// the columns are sorted while nobody does anything
		await new Promise((resolve) => setTimeout(resolve, 2000));
		const search = document.querySelector<HTMLInputElement>('input[type=search]');
		const times: number[] = [];
		const timed = (act: () => void) => {
			const began = performance.now();
			act();
			flushSync();
			document.body.getBoundingClientRect(); // lays the page out
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
