/**
 * @file What a new user wants to find out, by keyboard alone and in two minutes each: what the filter did, why an answer was
 * set aside, how two methods compare. Starting a run and saving its picture are in `run.test.ts`.
 */
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { violationsOf } from './axe.ts';
import { enter, tabTo } from './keyboard.ts';
import { useVisits } from './visits.ts';

const visits = useVisits();
const task = { timeout: 120_000 };
/** Presses of Tab to what a task needs; more is a hunt. */
const few = 20;

/** A visitor whose run of this address came to its end. */
async function finished(query: string): Promise<Page> {
	const page = await (await visits.newContext({ reducedMotion: 'reduce' })).newPage();
	await page.goto(`${visits.url}?${query}`);
	await page.locator('.accuracy .map').waitFor();
	await enter(page, /^Evolve$/);
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 100_000 });
	return page;
}

const quick = 'rounds=1&problems=40&steps=4&examined=10&seed=1';

test('what the filter did is said in one sentence at the truth meter', task, async () => {
	const page = await finished(quick);
	// The button of a run that ended has the focus still.
	expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe(
		'Evolve again',
	);
	expect(await enter(page, /^As a table Truth meter$/)).toBeLessThan(few);
	const said = page.getByText(/the filter kept [\d,]+ of [\d,]+ answers/);
	await said.waitFor();
	expect(await said.textContent()).toMatch(
		/In round 1 .* Of those kept [\d.]+\s% are true; of all it was given, [\d.]+\s%\./,
	);
	// Three tables of World open by a summary: their names tell them apart.
	const names = await page.locator('main summary').evaluateAll((all) =>
		all.map((one) =>
			(one.getAttribute('aria-labelledby') ?? one.id)
				.split(' ')
				.map((id) => document.getElementById(id)?.textContent ?? '')
				.join(' '),
		),
	);
	expect(new Set(names).size).toBe(names.length);
	expect(await violationsOf(page)).toEqual([]);
});

test('why an answer was set aside stands in its dialog under Experiences', task, async () => {
	const page = await finished(`${quick}&stride=3`);
	await enter(page, /^all experiences$/, 40);
	await page.getByRole('heading', { name: 'Experiences' }).waitFor();
	await page.locator('[data-at]').first().waitFor();
	expect(await tabTo(page, /^Kept$/)).toBeLessThan(few);
	await page.keyboard.type('set');
	await expect
		.poll(() => page.getByRole('combobox', { name: 'Kept' }).inputValue())
		.toBe('set-aside');
	await page.locator('.row .yes').first().waitFor({ state: 'detached' });
	expect(await tabTo(page, /^[\d ]+\+[\d ]+$/)).toBeLessThan(few);
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('dialog');
	const reason = dialog.locator('dt', { hasText: /^kept$/ }).locator('+ dd');
	expect(await reason.textContent()).toMatch(/^no: .{8,}/);
	expect(await violationsOf(page)).toEqual([]);
	await page.keyboard.press('Escape');
	await expect.poll(() => dialog.count()).toBe(0);
	expect(await page.evaluate(() => document.activeElement?.getAttribute('data-at'))).toBe('1');
});

test('two methods are compared: chosen, run, ticked, and told apart in words', task, async () => {
	const short = 'rounds=1&problems=12&steps=2&examined=4&seed=3';
	const page = await finished(short);
	expect(await enter(page, /^Easy-to-hard self-training$/)).toBeLessThan(few);
	const dialog = page.getByRole('dialog');
	await dialog.waitFor();
	await tabTo(page, /^Easy-to-hard self-training/);
	const chosen = dialog.locator('.chosen b');
	for (let i = 0; (await chosen.textContent()) !== 'Elastic weight consolidation'; i++) {
		expect(i).toBeLessThan(50);
		await page.keyboard.press('ArrowDown');
	}
	// The papers of the other methods are no stops on the way to what comes next.
	expect(await tabTo(page, /^Environment$/)).toBeLessThan(5);
	await page.keyboard.type('Add');
	await page.keyboard.press('Escape');
	await expect.poll(() => dialog.count()).toBe(0);
	const chosenNow = new URL(page.url()).searchParams;
	expect([chosenNow.get('method'), chosenNow.get('environment')]).toEqual(['ewc', 'addition']);
	// The same method in a round that is short enough for a test.
	await page.goto(`${visits.url}?method=ewc&environment=addition&${short}`);
	await page.getByRole('button', { name: 'Evolve', exact: true }).waitFor();
	await page.keyboard.press('e');
	await page.getByRole('button', { name: 'Pause' }).waitFor();
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 100_000 });
	await enter(page, /^Runs$/);
	await page.locator('.entry').nth(1).waitFor();
	for (const method of ['Elastic', 'Easy']) {
		expect(await tabTo(page, new RegExp(`^Compare ${method}`))).toBeLessThan(few);
		await page.keyboard.press('Space');
	}
	await page.getByRole('button', { name: 'See the comparison' }).first().waitFor();
	expect(await enter(page, /^See the comparison$/)).toBeLessThan(5);
	expect(await page.evaluate(() => document.activeElement?.id)).toBe('compare-title');
	const comparison = page.getByRole('region', { name: /^Compare/ });
	const causes = comparison.getByRole('list', { name: 'In what their recipes differ' });
	expect(await causes.getByRole('listitem').first().textContent()).toBe(
		'A follows Elastic weight consolidation; B follows Easy-to-hard self-training.',
	);
	expect(await causes.innerText()).toMatch(/Learning rate: A [\d.e-]+, B [\d.e-]+\./);
	expect(await tabTo(page, /^Round/)).toBeLessThan(5);
	expect(await violationsOf(page)).toEqual([]);
});
