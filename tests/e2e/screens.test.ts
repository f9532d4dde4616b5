/** @file Every screen of World, Learn, present mode, About and the page for teachers: nothing sticks out, is cut, or is left in English. */
import { expect, test } from 'vitest';
import { flawsOf, leftOver } from '../../scripts/screens/flaws.ts';
import { laptop, phone, screens, show } from '../../scripts/screens/screens.ts';
import { watch } from './site.ts';
import { useVisits } from './visits.ts';

const visits = useVisits();

/** `npm run screens` draws all languages at both sizes; that nothing sticks out in English is in `page.test.ts`. */
test.each([
	['zh', laptop],
	['ja', phone],
])('in %s at %o', { timeout: 240_000 }, async (locale, viewport) => {
	const context = await visits.newContext({ viewport, locale, reducedMotion: 'reduce' });
	const page = await context.newPage();
	for (const screen of screens.filter(({ size }) => size === undefined || viewport === laptop)) {
		await page.setViewportSize(screen.size ?? viewport);
		await show(page, visits.url, screen);
		expect(await flawsOf(page, false), screen.name).toEqual([]);
	}
});

test('what sticks out, is cut or was not translated is found', async () => {
	const page = await (await visits.newContext({ viewport: phone, locale: 'zh' })).newPage();
	await page.goto(`${visits.url}#/about`);
	await page.locator('main h1').waitFor();
	await page.evaluate(() => {
		const add = (style: string, text: string) => {
			const box = document.createElement('p');
			box.setAttribute('style', style);
			box.textContent = text;
			document.querySelector('main')?.append(box);
		};
		add('width: 3000px', '宽');
		add('width: 60px; overflow: hidden; white-space: nowrap', '这一句话比它的盒子长得多');
		add('height: 20px; width: 60px', '这一句话比它的盒子高得多这一句话比它的盒子高得多');
		add('', 'Save');
	});
	const flaws = (await flawsOf(page, false)).join('\n');
	for (const flaw of [
		'sticks out',
		'cut: "这一句话比它的盒子长',
		'spills: "这一句话比它的盒子高',
		'English: Save',
	])
		expect(flaws).toContain(flaw);
	expect(leftOver('Evolvarium、LoRA：Lee et al. 2025，docs/LOG.md')).toEqual([]);
});

test('the moving picture of About is asked for before it comes, and never where nothing is to move', async () => {
	for (const reducedMotion of ['no-preference', 'reduce'] as const) {
		// The service worker keeps every file for offline use: it would ask for this one too.
		const context = await visits.newContext({ reducedMotion, serviceWorkers: 'block' });
		const page = await context.newPage();
		const seen = await watch(page);
		const asked = () =>
			seen.requests
				.filter((url) => url.includes('/demo/'))
				.map((url) => url.slice(url.lastIndexOf('/') + 1));
		await page.goto(`${visits.url}#/about`);
		const image = page.locator('figure img');
		await image.scrollIntoViewIfNeeded();
		await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(800);
		expect(asked()).toEqual(['still.webp']);
		const play = page.getByRole('button', { name: 'Play it' });
		if (reducedMotion === 'reduce') {
			expect(await play.count()).toBe(0);
			continue;
		}
		await play.click();
		await expect.poll(asked).toEqual(['still.webp', 'moving.webp']);
		await page.getByRole('button', { name: 'Stop it' }).click();
		expect(await image.getAttribute('src')).toBe('./demo/still.webp');
	}
});
