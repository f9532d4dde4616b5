/**
 * @file Firefox and WebKit, where they are installed (`apt-get install firefox-esr webkit2gtk-driver xvfb`) and asked for by `npm run test:browsers`: the page opens isolated, is
 * kept for offline use, and a seedling evolves; in Firefox with the server stopped, in WebKit the page says that it needs it.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { otherBrowsers, type OtherBrowser } from './other-browsers.ts';
import { servePlain } from './site.ts';

const isNotAsked = process.env['OTHER_BROWSERS'] === undefined;

let browser: OtherBrowser | undefined;
afterEach(async () => {
	await browser?.close();
	browser = undefined;
});

const words = (page: OtherBrowser): Promise<string> =>
	page.run('return document.body.innerText').then(String);

describe.each(Object.entries(otherBrowsers))('%s', (name, open) => {
	test.skipIf(!open || isNotAsked)('opens the page, keeps it, and a seedling evolves', async () => {
		if (!open) return;
		browser = await open();
		const page = browser;
		const host = await servePlain('/some/where/');
		const address = `${host.url}?rounds=1&problems=20&steps=2&examined=10&seed=3`;
		await page.goto(address);
		await expect
			.poll(() => words(page), { timeout: 60_000, interval: 500 })
			.toMatch(/Ready offline: \d+ MB/);
		const needsServer = (await words(page)).includes('a run still needs the server');
		expect(needsServer).toBe(name === 'WebKit');
		if (!needsServer) await host.close();
		await page.goto(address);
		await expect.poll(() => words(page), { timeout: 30_000 }).toMatch(/Ready offline: \d+ MB/);
		expect(await page.run('return crossOriginIsolated')).toBe(true);
		await page.run(
			"[...document.querySelectorAll('button')].find((one) => one.textContent.trim() === 'Evolve').click()",
		);
		await expect
			.poll(() => words(page), { timeout: 120_000, interval: 1000 })
			.toContain('Evolve again');
		expect(await page.run("return document.querySelectorAll('.banner').length")).toBe(0);
		expect(await words(page)).toContain('0 requests since it was loaded');
		if (needsServer) await host.close();
	});
});
