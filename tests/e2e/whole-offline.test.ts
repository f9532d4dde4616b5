/** @file The page looked at once, its server then stopped: every page and every seedling works; what is kept is told, dropped and renewed. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packSite } from '../../scripts/pack.ts';
import { violationsOf } from './axe.ts';
import { servePlain, watch, widths } from './site.ts';
import { useVisits } from './visits.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
let folder = '';
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'evolvarium-offline-'));
});
afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

const visits = useVisits(() => servePlain('/unused/'));

/** A round of seconds. */
const quick = 'rounds=1&problems=20&steps=2&examined=10&seed=3';

const ready = (page: Page): Promise<void> =>
	page.getByText('Ready offline', { exact: true }).waitFor({ timeout: 60_000 });

/** Looks at the page until it says that it is ready, presses nothing, and stops the server. */
async function lookOnce(prefix: string, root = dist): Promise<readonly [BrowserContext, string]> {
	const host = await servePlain(prefix, root);
	const context = await visits.newContext();
	const page = await context.newPage();
	await page.goto(host.url);
	await ready(page);
	await page.close();
	await host.close();
	await expect(fetch(host.url)).rejects.toThrow();
	return [context, host.url];
}

async function evolve(page: Page, address: string): Promise<void> {
	await page.goto(address);
	await page.getByRole('button', { name: 'Evolve', exact: true }).click();
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 150_000 });
}

const seedlings = [
	['addition', 'environment=addition'],
	['addition-scratchpad', 'environment=addition&format=scratchpad'],
	['reversal', 'environment=reversal'],
	['sorting', 'environment=sorting'],
] as const;
const pages = [
	['#/experiences', 'Experiences'],
	['#/runs', 'Runs'],
	['#/models', 'There is no model of your own yet'],
	['#/chat', 'Chat'],
] as const;

test('after one look, with the server stopped, every page opens, every seedling evolves, and no request leaves', async () => {
	const [context, url] = await lookOnce('/some/where/');
	const page = await context.newPage();
	for (const [route, text] of pages) {
		await page.goto(url + route);
		await page.reload();
		await page.locator('main').getByText(text).first().waitFor();
		await page.waitForTimeout(300);
		expect(await page.getByText('could not be loaded').count(), route).toBe(0);
	}
	await page.close();
	for (const [name, query] of seedlings) {
		const page = await context.newPage();
		const seen = await watch(page);
		await evolve(page, `${url}?${query}&${quick}`);
		expect(await page.locator('.banner').allInnerTexts(), name).toEqual([]);
		await page.getByText('0 requests since it was loaded').waitFor();
		expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
		expect(await seen.violations(), name).toEqual([]);
		await page.close();
	}
}, 400_000);

/** The bytes of everything in the caches of the page's origin. */
const keptBytes = (page: Page): Promise<number> =>
	page.evaluate(async () => {
		let sum = 0;
		for (const name of await caches.keys()) {
			const cache = await caches.open(name);
			for (const request of await cache.keys())
				sum += (await (await cache.match(request))?.arrayBuffer())?.byteLength ?? 0;
		}
		return sum;
	});

/** A manifest with icons of the sizes that it names. */
async function expectInstallable(page: Page, address: string): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const { errors, url } = await session.send('Page.getAppManifest');
	expect(errors).toEqual([]);
	expect(url).toBe(`${address}manifest.webmanifest`);
	const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
	// A private window, as tests have, installs nothing.
	expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
}

test('it can be installed; the size that is told is the size that is kept; it can be dropped, and stays so until it is wanted', async () => {
	const host = await servePlain('/told/');
	const context = await visits.newContext();
	const page = await context.newPage();
	await page.goto(host.url);
	await ready(page);
	await expectInstallable(page, host.url);
	const told = /(\d+) MB are kept/.exec(await page.locator('footer').innerText())?.[1];
	expect(told).toBe(String(Math.round((await keptBytes(page)) / 1e6)));
	expect(Number(told)).toBeLessThan(36); // a third of it are seedlings
	await page.getByRole('button', { name: 'Drop them' }).click();
	await page.getByText('Not kept for offline use').waitFor();
	expect(await keptBytes(page)).toBe(0);
	await page.reload();
	await page.getByText('Not kept for offline use').waitFor();
	await page.waitForTimeout(1500);
	expect(await keptBytes(page)).toBeLessThan(3e6);
	await page.getByRole('button', { name: /^Keep it here/ }).click();
	await ready(page);
	await host.close();
});

test('who saves data is asked first', async () => {
	const host = await servePlain('/saving/');
	const context = await visits.newContext();
	await context.addInitScript(() => {
		Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
	});
	const page = await context.newPage();
	await page.goto(host.url);
	await page.getByText('Not kept for offline use').waitFor();
	await page.waitForTimeout(1500);
	expect(await keptBytes(page)).toBeLessThan(3e6);
	await page.getByRole('button', { name: /^Keep it here \(\d+ MB\)/ }).click();
	await ready(page);
	await host.close();
});

/** Makes the built site in a folder the next version of itself: a file differs, and so do list and name of the build. */
function renew(site: string): void {
	const sign = 'The next version.\n';
	const old = readFileSync(join(site, 'licences.txt'));
	const next = Buffer.concat([Buffer.from(sign), old]);
	writeFileSync(join(site, 'licences.txt'), next);
	const hash = (bytes: Buffer): string =>
		createHash('sha256').update(bytes).digest('hex').slice(0, 20);
	const path = join(site, 'service-worker.js');
	const code = readFileSync(path, 'utf8')
		.replace(hash(old), hash(next))
		.replace(/([`"'])[0-9a-f]{20}\1/, '`the-next-build`');
	writeFileSync(path, code);
}

test('a new version is offered and not forced: the old page works on until it is asked for', async () => {
	const site = join(folder, 'renewed');
	cpSync(dist, site, { recursive: true });
	const host = await servePlain('/', site);
	const context = await visits.newContext();
	const page = await context.newPage();
	await page.goto(host.url);
	await ready(page);
	renew(site);
	// What only the old version has is gone from the host.
	const panel = /assets\/Runs-[\w-]+\.js/.exec(
		readFileSync(join(site, 'service-worker.js'), 'utf8'),
	);
	rmSync(join(site, panel?.[0] ?? 'no such file'));
	const licences = (): Promise<string> =>
		page.evaluate(async () => (await fetch('licences.txt')).text());
	await page.reload();
	await page.getByText('A new version is there').waitFor();
	expect(await licences()).not.toContain('The next version.');
	await page.getByRole('link', { name: 'Runs', exact: true }).click();
	await page.locator('main').getByText('Runs').first().waitFor();
	expect(await page.getByText('could not be loaded').count()).toBe(0);
	const loaded = page.waitForEvent('load');
	// By key: a panel that still loads moves the footer away from under a pointer.
	await page.locator('footer').getByRole('button', { name: 'reload' }).press('Enter');
	await loaded;
	await expect
		.poll(() => licences().catch(() => ''), { timeout: 30_000, interval: 500 })
		.toContain('The next version.');
	await page.locator('h1, main').first().waitFor();
	await ready(page);
	expect(await page.getByText('A new version is there').count()).toBe(0);
	const names = await page.evaluate(() => caches.keys());
	expect(names.filter((name) => !name.endsWith(' the-next-build'))).toEqual([]);
	await host.close();
});

test('the zip runs from any folder of any server', async () => {
	const files = Object.entries(unzipSync(packSite(dist)));
	for (const [path, bytes] of files) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), bytes);
	}
	expect(files.map(([path]) => path)).toContain('evolvarium/START.txt');
	const host = await servePlain('/usb/stick/evolvarium/', join(folder, 'evolvarium'));
	const context = await visits.newContext();
	const page = await context.newPage();
	await evolve(page, `${host.url}?${quick}`);
	await page.getByText('Ready offline', { exact: true }).waitFor({ timeout: 60_000 });
	await host.close();
});

test('at every width the sign sticks out nowhere, and axe objects to nothing', async () => {
	const host = await servePlain('/');
	const context = await visits.newContext();
	const page = await context.newPage();
	await page.goto(host.url);
	await ready(page);
	for (const width of widths) {
		await page.setViewportSize({ width, height: 900 });
		const excess = await page.evaluate(
			() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
		);
		expect(excess, String(width)).toBeLessThanOrEqual(0);
		expect(await violationsOf(page), String(width)).toEqual([]);
	}
	await host.close();
});
