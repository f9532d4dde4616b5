/** @file The page on the poorest host: a sub-path, no headers, later no network at all. */
import { expect, test } from 'vitest';
import { elsewhere, servePlain, watch } from './site.ts';
import { useVisits } from './visits.ts';

const visits = useVisits(() => servePlain('/some/where/'));

test('the service worker isolates the page, so that it has threads', async () => {
	const context = await visits.newContext();
	const page = await context.newPage();
	const seen = await watch(page);
	await page.goto(visits.url);
	await expect
		.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false), { timeout: 30_000 })
		.toBe(true);
	await page.locator('h1').first().waitFor();
	expect(await page.evaluate(() => typeof SharedArrayBuffer)).toBe('function');
	expect(seen.errors).toEqual([]);
	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
});

test('without a service worker the page still opens, not isolated, and does not reload for ever', async () => {
	const context = await visits.newContext({ serviceWorkers: 'block' });
	const page = await context.newPage();
	const seen = await watch(page);
	await page.goto(visits.url);
	await page.locator('h1').first().waitFor();
	await page.waitForTimeout(1500);
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
	expect(seen.requests.filter((url) => url === visits.url)).toHaveLength(1);
	expect(seen.errors).toEqual([]);
});

test('once seen, the page opens without a network', async () => {
	const host = await servePlain('/offline/');
	const context = await visits.newContext();
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
