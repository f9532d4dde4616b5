/** @file A visitor's own run on the built page: it starts at a click, survives the tab, and stays in it. */
import type { BrowserContextOptions, Page } from 'playwright';
import { expect, test } from 'vitest';
import { tabTo } from './keyboard.ts';
import { elsewhere, servePlain, watch, watchLayout } from './site.ts';
import { useVisits } from './visits.ts';

/** Two short rounds: every difficulty is asked few questions. */
const quick = new URLSearchParams({
	rounds: '2',
	problems: '40',
	steps: '4',
	examined: '20',
	seed: '3',
}).toString();

const visits = useVisits();

async function open(
	url: string,
	options?: BrowserContextOptions,
): Promise<{ readonly page: Page; readonly shifted: () => Promise<number> }> {
	const context = await visits.newContext(options);
	const page = await context.newPage();
	const shifted = await watchLayout(page);
	await page.goto(`${url}?${quick}`);
	await page.locator('h1').first().waitFor();
	return { page, shifted };
}

const evolve = (page: Page): Promise<void> =>
	page.getByRole('button', { name: 'Evolve', exact: true }).click();

/** The run has come to its end: its first button offers another. */
async function finish(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 150_000 });
}

test('one click starts a run, which goes to its end without another origin', async () => {
	const context = await visits.newContext();
	const page = await context.newPage();
	const seen = await watch(page);
	const shifted = await watchLayout(page);
	await page.goto(`${visits.url}?${quick}`);
	await evolve(page);
	await finish(page);
	expect(await shifted()).toBeLessThan(0.1);
	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
	expect(await seen.violations()).toEqual([]);
	expect(seen.errors).toEqual([]);
});

test('by keyboard alone a run is started, and a picture of its result is saved', async () => {
	const page = await (await visits.newContext({ reducedMotion: 'reduce' })).newPage();
	await page.goto(`${visits.url}?rounds=1&problems=12&steps=2&examined=4&seed=3`);
	await page.locator('h1').first().waitFor();
	await tabTo(page, /^Evolve$/);
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'Pause' }).waitFor();
	await finish(page);
	await tabTo(page, /^The card and every chart/);
	await page.keyboard.press('Enter');
	await page.getByRole('img', { name: /^Summary card/ }).waitFor();
	await tabTo(page, /^Save the card \(PNG\)$/);
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.keyboard.press('Enter'),
	]);
	expect(download.suggestedFilename()).toBe('evolvarium-addition-seed-3-card.png');
	const chunks: Buffer[] = [];
	for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
	const png = Buffer.concat(chunks);
	// The header of a PNG, and the size of the card at two pixels for one.
	expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([
		...['PNG', 2400, 1260],
	]);
});

test('a tab closed in the middle of a run finds it again, and it goes on to its end', async () => {
	const { page } = await open(visits.url);
	await evolve(page);
	await page.getByRole('button', { name: 'Pause' }).waitFor();
	await page.waitForTimeout(4000);
	const same = page.context();
	await page.close({ runBeforeUnload: false });
	const again = await same.newPage();
	await again.goto(visits.url);
	await finish(again);
});

test('a second tab watches the run of the first, and no error is shown', async () => {
	const { page, shifted } = await open(visits.url, { viewport: { width: 1280, height: 720 } });
	await evolve(page);
	await page.getByRole('button', { name: 'Pause' }).waitFor();
	const second = await page.context().newPage();
	const seen = await watch(second);
	await second.goto(visits.url);
	await second.locator('h1').first().waitFor();
	await finish(page);
	expect(await shifted()).toBeLessThan(0.1);
	expect(await second.locator('.banner').allInnerTexts()).toEqual([]);
	expect(seen.errors).toEqual([]);
});

test('without isolation the same run works on one thread', async () => {
	const host = await servePlain('/poor/');
	const { page, shifted } = await open(host.url, {
		serviceWorkers: 'block',
		viewport: { width: 390, height: 844 },
	});
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
	await evolve(page);
	await finish(page);
	expect(await shifted()).toBeLessThan(0.1);
	await host.close();
});
