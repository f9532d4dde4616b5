/** @file A visitor's own run on the built page: it starts at a click, survives the tab, and stays in it. */
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { elsewhere, openBrowser, servePlain, servePreview, watch, type Site } from './site.ts';

/** Two short rounds: every difficulty is asked few questions. */
const quick = new URLSearchParams({
	rounds: '2',
	problems: '40',
	steps: '4',
	examined: '20',
	seed: '3',
}).toString();

let site: Site;
let browser: Browser;
let context: BrowserContext | null = null;

beforeAll(async () => {
	[site, browser] = await Promise.all([servePreview(), openBrowser()]);
});
afterEach(async () => {
	await context?.close();
	context = null;
});
afterAll(async () => {
	await browser.close();
	await site.close();
});

async function open(url: string, options: { block?: boolean } = {}): Promise<Page> {
	context = await browser.newContext({
		viewport: { width: 1280, height: 900 },
		serviceWorkers: options.block === true ? 'block' : 'allow',
	});
	const page = await context.newPage();
	await page.goto(`${url}?${quick}`);
	await page.locator('h1').first().waitFor();
	return page;
}

const evolve = (page: Page): Promise<void> =>
	page.getByRole('button', { name: 'Evolve', exact: true }).click();

/** The run has come to its end: its first button offers another. */
async function finish(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 150_000 });
}

test('one click starts a run, which goes to its end without another origin', async () => {
	context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
	const page = await context.newPage();
	const seen = await watch(page);
	await page.goto(`${site.url}?${quick}`);
	await evolve(page);
	await finish(page);
	expect(elsewhere(seen.requests, site.url)).toEqual([]);
	expect(await seen.violations()).toEqual([]);
	expect(seen.errors).toEqual([]);
});

test('a tab closed in the middle of a run finds it again, and it goes on to its end', async () => {
	const page = await open(site.url);
	await evolve(page);
	await page.getByRole('button', { name: 'Pause' }).waitFor();
	await page.waitForTimeout(4000);
	const same = page.context();
	await page.close({ runBeforeUnload: false });
	const again = await same.newPage();
	await again.goto(site.url);
	await finish(again);
});

test('a second tab watches the run of the first, and no error is shown', async () => {
	const page = await open(site.url);
	await evolve(page);
	await page.getByRole('button', { name: 'Pause' }).waitFor();
	const second = await page.context().newPage();
	const seen = await watch(second);
	await second.goto(site.url);
	await second.locator('h1').first().waitFor();
	await finish(page);
	expect(await second.locator('.banner').allInnerTexts()).toEqual([]);
	expect(seen.errors).toEqual([]);
});

test('without isolation the same run works on one thread', async () => {
	const host = await servePlain('/poor/');
	const page = await open(host.url, { block: true });
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
	await evolve(page);
	await finish(page);
	await host.close();
});
