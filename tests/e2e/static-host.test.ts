/** @file The page on the poorest host: a sub-path, no headers, later no network at all. */
import type { Browser, BrowserContext } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { elsewhere, openBrowser, servePlain, watch, type Site } from './site.ts';

let site: Site;
let browser: Browser;
let context: BrowserContext | null = null;

beforeAll(async () => {
	[site, browser] = await Promise.all([servePlain('/some/where/'), openBrowser()]);
});
afterEach(async () => {
	await context?.close();
	context = null;
});
afterAll(async () => {
	await browser.close();
	await site.close();
});

test('the service worker isolates the page, so that it has threads', async () => {
	context = await browser.newContext();
	const page = await context.newPage();
	const seen = await watch(page);
	await page.goto(site.url);
	await expect
		.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false), { timeout: 30_000 })
		.toBe(true);
	await page.locator('h1').first().waitFor();
	expect(await page.evaluate(() => typeof SharedArrayBuffer)).toBe('function');
	expect(seen.errors).toEqual([]);
	expect(elsewhere(seen.requests, site.url)).toEqual([]);
});

test('without a service worker the page still opens, not isolated, and does not reload for ever', async () => {
	context = await browser.newContext({ serviceWorkers: 'block' });
	const page = await context.newPage();
	const seen = await watch(page);
	await page.goto(site.url);
	await page.locator('h1').first().waitFor();
	await page.waitForTimeout(1500);
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
	expect(seen.requests.filter((url) => url === site.url)).toHaveLength(1);
	expect(seen.errors).toEqual([]);
});

test('once seen, the page opens without a network', async () => {
	const host = await servePlain('/offline/');
	context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(host.url);
	await expect
		.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false), { timeout: 30_000 })
		.toBe(true);
	await page.locator('h1').first().waitFor();
	await page.waitForLoadState('networkidle');
	await host.close();
	await page.reload();
	await page.locator('h1').first().waitFor();
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});
