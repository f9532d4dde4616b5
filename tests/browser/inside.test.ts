/** @file Seeing inside: the path of one experience, in a real browser over stored runs. */
import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { text } from '../ui/open-page.ts';
import { press, soon, storedPages, violations } from '../ui/stored-page.ts';
import { anExperience, aStoredRun, rowsOf, storeOf, twoRuns } from '../ui/stored-runs.ts';

const open = storedPages();

describe('one experience', () => {
	test('the path of one experience goes from its answers to the examination, and what belongs together lights up', async () => {
		const [row] = await rowsOf('a', 1, 2);
		if (!row) throw new Error('a row was due');
		const [first] = anExperience(1, 2, 9).rollouts;
		const turns = (first?.turns ?? []).map((turn) =>
			turn.sampled
				? { ...turn, content: '57$', tokens: [7, 9, 1], logprobs: [-0.1, -0.7, -3] }
				: turn,
		);
		const rollouts = first ? [{ ...first, turns, answer: '57' }] : [];
		const said = { prompt: '12+45=', tokens: ['5', '7', '$'], weights: [1, 0.5, 1] };
		const trained = {
			...{ ...row, answer: '57', fate: 'kept' as const, trainedIn: [1] },
			training: [{ t: 1, steps: [2, 3], said, before: 0.2, after: 0.1 }],
			payload: { ...anExperience(1, 2, 9), id: row.id, rollouts },
		};
		const curve = [1, 2, 3].map((step) => ({ t: 1, step, loss: 1 / step, gradientNorm: 1 }));
		const { training: _, ...untrained } = trained;
		const old = { ...untrained, id: 't001-000009' };
		const store = await storeOf([{ run: aStoredRun('a', { curve }), rows: [trained, old] }]);
		open(store, `#/experiences?run=a&id=${row.id}`);
		await soon(() => document.querySelectorAll('dialog .path > li').length).toBe(6);
		expect(text('dialog .path')).toContain('In 2 steps of 3: 2 3');
		expect(text('dialog .path')).toContain('Loss of this row alone: 0.2 → 0.1 nats a token');
		expect(text('dialog .path')).toContain('answers of an examination were kept one by one');
		const trainedSeven = page.getByRole('option', { name: '“7”: weight 0.5' });
		await trainedSeven.hover();
		await soon(() => document.querySelectorAll('dialog .tokens .lit').length).toBe(2);
		expect(text('dialog li li .lit, dialog li .tokens .lit')).toBe('7');
		expect(await violations()).toEqual([]);
		await press('Previous experience').click();
		await soon(() => text('dialog .path')).toContain('older than that record');
	});
});

describe('two runs on one clock', () => {
	test('stand beside each other in any round, with their recipes in words and the same tasks', async () => {
		const truth = { asked: 4, kept: 4, correct: 3, judged: 4, believed: 1 };
		const truths = [1, 2].map((t) => ({ t, ...truth, correctBefore: 3, judgedBefore: 4 }));
		const { recipe } = aStoredRun('a');
		const off = { ...recipe, knobs: { ...recipe.knobs, agreement: false } };
		const [a, b] = [
			{ run: aStoredRun('a', { truths }), rows: await rowsOf('a', 2, 4) },
			{ run: aStoredRun('b', { truths, recipe: off }), rows: await rowsOf('b', 2, 4) },
		];
		open(await storeOf([a, b]), '#/runs?compare=a,b');
		await soon(() => document.querySelectorAll('.maps table').length).toBe(2);
		expect(text('.causes')).toBe(
			'A keeps those that 80 % of its votes agree on; B keeps every answer.',
		);
		expect(document.querySelectorAll('.maps tbody tr').length).toBe(12);
		const slider = page.getByRole('slider', { name: 'Round' });
		await slider.fill('2');
		await soon(() => document.querySelectorAll('.maps tbody tr').length).toBe(6);
		expect(text('.truth')).toContain('really 75 %');
		await soon(() => text('#compare-title ~ .scroll')).toContain('kept');
		expect(document.querySelectorAll('#compare-title ~ .scroll tbody tr').length).toBe(4);
		expect(await violations()).toEqual([]);
	});
});

describe('for the room and at the door', () => {
	test('one screen shows the sentence, the ring, the map and the link, without scrolling, in type of 24 pixels', async () => {
		const { app } = open(await twoRuns(), '?present#/');
		app.world.begin('recorded');
		app.world.apply([{ type: 'run', run: aStoredRun('a') }]);
		await soon(() => text('dialog h1')).toContain('13 digits');
		for (const [width, height] of [
			[1024, 768],
			[1920, 1080],
		] as const) {
			await page.viewport(width, height);
			const dialog = document.querySelector('dialog');
			expect(dialog?.querySelectorAll('.map i').length).toBeGreaterThan(20);
			expect(dialog?.querySelector('figure svg path')).not.toBeNull();
			expect([dialog?.scrollWidth, dialog?.scrollHeight]).toEqual([width, height]);
			const sizes = [...(dialog?.querySelectorAll('*') ?? [])]
				.filter((part) => part.childElementCount === 0 && part.textContent.trim() !== '')
				.map((part) => parseFloat(getComputedStyle(part).fontSize));
			expect(Math.min(...sizes)).toBeGreaterThanOrEqual(24);
		}
		expect(await violations()).toEqual([]);
		await page.getByRole('button', { name: 'More', exact: true }).click();
		await press('Single-letter keys are on').click();
		expect(app.keys.on).toBe(false);
		expect(await violations()).toEqual([]);
		await press('Leave').click();
		await soon(() => location.search).toBe('');
		expect(document.querySelector('dialog')).toBeNull();
	});

	test('a talk goes by clicker, its notes stand beside the show, and letters do nothing once they are off', async () => {
		const { app } = open(await twoRuns(), '?present=talk#/');
		await page.viewport(1024, 768);
		app.world.begin('recorded');
		app.world.apply([{ type: 'run', run: aStoredRun('a') }]);
		await soon(() => text('.beat')).toContain('it will teach itself');
		await userEvent.keyboard('{PageDown}{PageDown}');
		await soon(() => text('.beat')).toContain('Say a number now');
		expect(text('footer [role=timer]')).toMatch(/^3\/12 · 0:\d\d of 5:00$/);
		await userEvent.keyboard('n');
		await soon(() => text('dialog aside')).toContain('Collect three or four guesses');
		const boxes = ['.stage', 'aside', '.beat', 'footer'].map((part) =>
			document.querySelector(`dialog > ${part}`)?.getBoundingClientRect(),
		);
		for (const [i, a] of boxes.entries())
			for (const b of boxes.slice(i + 1))
				expect(
					a &&
						b &&
						(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top),
				).toBe(true);
		expect(await violations()).toEqual([]);
		app.keys.toggle();
		await userEvent.keyboard('nb');
		expect(document.querySelector('dialog > aside')).not.toBeNull();
		expect(document.querySelector('.dark')).toBeNull();
		await userEvent.keyboard('{PageUp}');
		await soon(() => text('.beat')).toContain('The number in the ring');
		await page.getByRole('button', { name: 'End', exact: true }).click();
		await soon(() => location.search).toBe('?present');
	});

	test('a phone in the room says a guess, which is held against what came out', async () => {
		sessionStorage.clear();
		const { app } = open(await twoRuns(), '?guess#/');
		app.world.begin('recorded');
		app.world.apply([{ type: 'run', run: { ...aStoredRun('a'), status: 'running' } }]);
		const field = page.getByLabelText('Your guess, in digits');
		await field.fill('400');
		await expect.element(press('That is my guess')).toBeDisabled();
		await field.fill('11');
		await press('That is my guess').click();
		const card = 'section:has(> .card-title + [role=status])';
		await soon(() => text(card)).toContain('You guess 11 digits.');
		expect(text(card)).not.toContain('It came to');
		app.world.apply([{ type: 'run', run: aStoredRun('a') }]);
		await soon(() => text(card)).toContain('It came to 13 digits. That is 2 digits off.');
		expect(location.search).toBe('?guess');
		expect(await violations()).toEqual([]);
	});

	test('a run that is over ends in before and after, with its numbers, and can be saved; a loop stops at a key', async () => {
		const { app } = open(await twoRuns(), '?present=loop,60s#/');
		await page.viewport(1280, 720);
		app.world.begin('live');
		app.world.apply([{ type: 'run', run: { ...aStoredRun('a'), status: 'finished' } }]);
		await soon(() => text('.ending .numbers')).toBe('8 → 13');
		expect(text('.ending dl')).toMatch(/Right before .*\(.*–.*\) of [\d,]+ ?Right now, same/);
		expect(text('.ending .task')).toMatch(/^\d+ ?\+ ?\d+ → \d+$/);
		expect(document.querySelector('dialog footer svg path')).not.toBeNull();
		const dialog = document.querySelector('dialog');
		expect([dialog?.scrollWidth, dialog?.scrollHeight]).toEqual([1280, 720]);
		expect(await violations()).toEqual([]);
		await userEvent.keyboard('{Escape}');
		await soon(() => location.search).toBe('?present');
		await soon(() => document.querySelector('.stage .map i')).not.toBeNull();
		await page.getByRole('button', { name: 'More', exact: true }).click();
		await press('Show the ending now').click();
		await press('Save as a picture').click();
		await soon(() => text('.ending [role=status]')).toMatch(/^Saved .+-card\.png\.$/);
	});

	test('About says for whom, what came out and what not, and is reached from the footer', async () => {
		open(await storeOf([]), '#/');
		await page.getByRole('link', { name: 'What it is for, and what it cannot do' }).click();
		await soon(() => text('#about-title')).toBe('About Evolvarium');
		expect(text('main')).toContain('n = 240 held-out, 95 % intervals; one seed');
		expect(text('main')).toContain('What it does not do');
		expect(await violations()).toEqual([]);
	});

	test('a stored run is taken along as a card and as charts, drawn in the page', async () => {
		open(await twoRuns(), '#/runs');
		await press('Pictures').first().click();
		await soon(() => document.querySelector('dialog img')?.getAttribute('alt') ?? '').toContain(
			'Right before',
		);
		expect(document.querySelectorAll('dialog tbody tr').length).toBeGreaterThanOrEqual(3);
		await press('Save the card (PNG)').click();
		await soon(() => text('dialog [role=status]')).toMatch(/^Saved .+-card\.png\.$/);
		expect(await violations()).toEqual([]);
	});
});
