/** @file The built page at two widths: what it loads, what it refuses, whether everyone can use it. */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { classLink, usual } from '#ui/panels/class/class-link.ts';
import { violationsOf } from './axe.ts';
import { elsewhere, servePlain, watch, widths } from './site.ts';
import { useVisits } from './visits.ts';

const visits = useVisits();

async function open(width: number, dark = false): Promise<Page> {
	const context = await visits.newContext({
		viewport: { width, height: 900 },
		colorScheme: dark ? 'dark' : 'light',
		reducedMotion: 'reduce',
	});
	return context.newPage();
}

/** Load and let everything settle: the panels, the recording, the service worker's first look. */
async function settle(page: Page, address = ''): Promise<void> {
	await page.goto(new URL(address, visits.url).href);
	await page.locator('h1').first().waitFor();
	await page.waitForLoadState('networkidle');
}

describe.each(widths)('at %i pixels', (width) => {
	test('the page opens isolated, asks no other origin, and asks for nothing once loaded', async () => {
		const page = await open(width);
		const seen = await watch(page);
		await settle(page);
		expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
		await expect
			.poll(() => page.getByRole('button', { name: 'Evolve', exact: true }).isVisible())
			.toBe(true);
		await page.getByText('Ready offline', { exact: true }).waitFor({ timeout: 60_000 });
		const loaded = seen.requests.length;
		expect(loaded).toBeGreaterThan(2);
		await page.mouse.wheel(0, 2000);
		await page.waitForTimeout(2500);
		expect(seen.requests.slice(loaded)).toEqual([]);
		await page.getByText('0 requests since it was loaded').waitFor();
		expect(elsewhere(seen.requests, visits.url)).toEqual([]);
		expect(await seen.violations()).toEqual([]);
		expect(seen.errors).toEqual([]);
	});

	test('nothing sticks out sideways, on any page', async () => {
		const page = await open(width);
		for (const route of ['', '#/experiences', '#/runs', '#/models']) {
			await settle(page, route);
			const excess = await page.evaluate(
				() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
			);
			expect(excess, route).toBeLessThanOrEqual(0);
		}
	});

	test('a link in the content leads to the top of another page, where Tab goes on in its content', async () => {
		const page = await open(width);
		await settle(page, '#/runs');
		await page.getByRole('link', { name: 'Go to the World page' }).click();
		await page.getByRole('button', { name: 'Evolve', exact: true }).waitFor();
		await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
		expect(await page.evaluate(() => scrollY)).toBe(0);
		expect(await page.getByRole('banner').boundingBox()).toMatchObject({ y: 0 });
	});

	test.each([
		['light', false],
		['dark', true],
	])('axe finds nothing to object to, in %s', async (_name, dark) => {
		const page = await open(width, dark);
		for (const route of ['', '#/experiences', '#/runs', '#/models']) {
			await settle(page, route);
			expect(await violationsOf(page), route).toEqual([]);
		}
	});
});

test('a recorded run in English plays from the dialog on World', async () => {
	const page = await open(390);
	await settle(page);
	await page.getByRole('button', { name: 'Evolve a real language model' }).click();
	await page.getByRole('button', { name: 'Watch a recorded run' }).waitFor();
	expect(await violationsOf(page)).toEqual([]);
	await page.getByRole('button', { name: 'Watch a recorded run' }).click();
	await page
		.getByText(/follow/)
		.first()
		.waitFor();
	expect(new URL(page.url()).searchParams.get('method')).toBe('grounded');
});

test('the policy refuses what the page must never do', async () => {
	const page = await open(1280);
	const seen = await watch(page);
	await settle(page);
	const outcome = await page.evaluate(async () => {
		const left = await fetch('https://example.org/').then(
			() => 'left the tab',
			() => 'refused',
		);
		const script = document.createElement('script');
		let text = 'taken';
		try {
			script.textContent = 'globalThis.ran = true';
		} catch {
			text = 'refused';
		}
		script.append('globalThis.ran = true');
		document.body.append(script);
		const ran = Reflect.get(globalThis, 'ran') === true;
		return { left, text, ran };
	});
	expect(outcome).toEqual({ left: 'refused', text: 'refused', ran: false });
	const directives = (await seen.violations()).map((violation) => violation.split(':')[0]);
	expect(directives[0]).toBe('connect-src');
	expect(directives).toContain('require-trusted-types-for');
});

test.each([
	['method', '<img src=x onerror="globalThis.ran = true">'],
	['environment', '<script>globalThis.ran = true</script>'],
	['seed', '"><svg onload="globalThis.ran = true">'],
])('hostile text as %s in the address stays text', async (name, text) => {
	const page = await open(1280);
	const seen = await watch(page);
	await settle(page, `?${new URLSearchParams({ [name]: text }).toString()}`);
	await page.getByText(text).first().waitFor();
	expect(await page.evaluate(() => Reflect.get(globalThis, 'ran') as unknown)).toBeUndefined();
	expect(await seen.violations()).toEqual([]);
});

test.each([
	['?method=stra', /star/],
	['?environment=chess', /addition/],
	['?rounds=0', /1/],
	['?rank=9999', /1024/],
])(
	'%s in the address is answered by one sentence that says what is allowed',
	async (query, allowed) => {
		const page = await open(1280);
		await settle(page, query);
		const banner = page.getByText('In the address:').first();
		await banner.waitFor();
		expect(await banner.textContent()).toMatch(allowed);
	},
);

test('the JavaScript before the first words weighs less than 140 kB, compressed', async () => {
	const page = await open(1280);
	await page.goto(visits.url);
	await page.locator('h1').first().waitFor();
	const html = await (await fetch(visits.url)).text();
	const first = [...html.matchAll(/(?:src|href)="(\.\/assets\/[^"]+\.js)"/g)];
	const files = first.map(([, path = '']) => new URL(path, visits.url).href);
	expect(files.length).toBeGreaterThan(0);
	const weights = await Promise.all(
		files.map(async (url) => gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length),
	);
	expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThan(140_000);
});

test('once seen with its own headers, the page opens without a network', async () => {
	const page = await open(1280);
	await settle(page);
	await expect
		.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null))
		.toBe(true);
	await page.waitForTimeout(1500);
	await page.context().setOffline(true);
	await page.reload();
	await page.locator('h1').first().waitFor();
});

test('a teacher’s link loads a lesson in less than 3 MB and nothing after, shows what was chosen, and can be left', async () => {
	let sent = 0;
	let paths: string[] = [];
	// A host that compresses nothing and sends no headers: the page loads twice there, once for its isolation.
	const host = await servePlain('/class/', undefined, (path, bytes) => {
		sent += bytes;
		paths.push(path);
	});
	const page = await open(1280);
	await page.goto(classLink({ lesson: 'filter', seed: '', tongue: null, shown: usual }, host.url));
	await page.getByRole('heading', { name: 'What is a filter for?' }).waitFor();
	for (const role of ['navigation', 'combobox'] as const)
		expect(await page.getByRole(role).count()).toBe(0);
	expect(await page.getByText('All lessons').count()).toBe(0);
	await page.getByRole('button', { name: 'Skip, just show me' }).click();
	await page.getByRole('button', { name: 'Play the recorded run' }).click();
	await page.getByRole('button', { name: 'Show the end' }).click();
	await page.getByText('What came out', { exact: true }).waitFor();
	expect(await page.getByText('You could try').count()).toBe(0);
	expect(await page.getByRole('button', { name: 'Run again' }).count()).toBe(0);
	expect(await violationsOf(page)).toEqual([]);
	expect(sent).toBeGreaterThan(400_000);
	expect(sent).toBeLessThan(3e6);
	paths = [];
	await page.waitForTimeout(2000);
	// A browser asks by itself whether the service worker is still the newest.
	expect(paths.filter((path) => path !== 'service-worker.js')).toEqual([]);
	await page.getByRole('button', { name: 'Show everything' }).click();
	await page.getByRole('navigation').waitFor();
	expect(new URL(page.url()).search).toBe('');
	await host.close();
});

test('a teacher’s link with a seed and no live worlds plays the recording, and says of which seed', async () => {
	const page = await open(1280);
	const shown = ['recorded'] as const;
	await page.goto(classLink({ lesson: 'filter', seed: '5', tongue: 'en', shown }, visits.url));
	await page.getByText('This link asks for seed 5, which only live worlds take').waitFor();
	await page.getByRole('button', { name: 'Skip, just show me' }).click();
	await page.getByRole('button', { name: 'Play the recorded run' }).click();
	await page.getByRole('button', { name: 'Show the end' }).click();
	await page.getByText('What came out', { exact: true }).waitFor();
	// Teachers are told before they hand it on.
	await page.goto(`${visits.url}#/class`);
	await page.getByLabel('Seed').fill('5');
	await page.getByText('As chosen, the recorded run plays').waitFor();
	await page.getByLabel('Run the worlds live').check();
	await page.getByText('As chosen, the recorded run plays').waitFor({ state: 'detached' });
});
