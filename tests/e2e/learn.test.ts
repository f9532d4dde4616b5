/** @file The Learn page as it is built: a lesson walked by keyboard alone, live and recorded; everyone can use it. */
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { toLink } from '#ui/panels/learn/lesson/carry.ts';
import { readLesson } from '#ui/panels/learn/lesson/lesson.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import english from '#ui/language/en/learn.json' with { type: 'json' };
import { steps } from '#ui/world/tour/steps.ts';
import { latinSentences } from '../ui/language/latin.ts';
import { violationsOf } from './axe.ts';
import { tabTo } from './keyboard.ts';
import { elsewhere, watch, watchLayout, widths } from './site.ts';
import { useVisits } from './visits.ts';

const visits = useVisits();

const focusIsSeen = (page: Page): Promise<boolean> =>
	page.evaluate(() => document.activeElement?.matches(':focus-visible') ?? false);

test('a lesson is walked by keyboard alone: found, answered, seen to its end, and it remembers', async () => {
	const page = await (await visits.newContext({ reducedMotion: 'reduce' })).newPage();
	const seen = await watch(page);
	const shifted = await watchLayout(page);
	await page.goto(visits.url);
	await page.locator('h1').first().waitFor();
	await tabTo(page, /^Learn$/);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'Learn', exact: true }).waitFor();
	await tabTo(page, /^What is a filter for\?$/);
	expect(await focusIsSeen(page)).toBe(true);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'What is a filter for?' }).waitFor();
	await tabTo(page, /^Fewer than half/);
	await page.keyboard.press('ArrowDown');
	await tabTo(page, /^That is what I expect$/);
	await page.keyboard.press('Enter');
	await page.getByText('You expect: Still most of them').waitFor();
	await tabTo(page, /^Play the recorded run$/);
	await page.keyboard.press('Enter');
	await tabTo(page, /^Show the end$/);
	await page.keyboard.press('Enter');
	await page.getByText('What came out', { exact: true }).waitFor();
	await page
		.getByText('Fewer than half, while nearly all are true with the filter.')
		.last()
		.waitFor();
	await page.getByText('You expected: Still most of them').waitFor();
	// A term explains itself at the focus, and Escape closes it.
	await tabTo(page, /^agrees$/);
	await page.getByRole('tooltip').getByText('Nobody tells which is right').waitFor();
	expect(await violationsOf(page)).toEqual([]);
	await page.keyboard.press('Escape');
	await expect.poll(() => page.getByRole('tooltip').count()).toBe(0);
	await page.goBack();
	await page.getByText('it surprised you').waitFor();
	expect(await shifted()).toBeLessThan(0.1);
	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
	expect(await seen.violations()).toEqual([]);
	expect(seen.errors).toEqual([]);
});

test('two worlds from a link run live, step by step in turns, to an outcome; World keeps what it showed', async () => {
	const [loop] = lessons;
	if (!loop) throw new Error('There is no lesson.');
	const run = '?environment=reversal&rounds=1&problems=12&steps=2&examined=4';
	const lesson = readLesson({
		...loop,
		id: 'tiny',
		run,
		outcomes: [
			[{ figure: 'right', world: 1, least: 0 }],
			[{ figure: 'right', world: 2, below: 0 }],
		],
		words: {
			en: { ...loop.words['en'], title: '<img src=x onerror=1>', options: ['It ended', 'Never'] },
		},
	});
	const page = await (await visits.newContext()).newPage();
	const seen = await watch(page);
	await page.goto(`${visits.url}#/learn?given=${toLink(lesson)}`);
	await page.getByRole('heading', { name: '<img src=x onerror=1>' }).waitFor();
	await page.getByText('came from a file or a link').waitFor();
	await page.getByRole('button', { name: 'Skip, just show me' }).click();
	await page.getByRole('button', { name: 'Run the 2 worlds' }).click();
	await page.getByText('What came out', { exact: true }).waitFor({ timeout: 120_000 });
	expect(await page.getByText('at its end').count()).toBe(2);
	await page.getByText('These runs are kept under Runs').click();
	await expect.poll(() => page.locator('.entry').count()).toBe(2);
	await page.getByRole('link', { name: 'World' }).click();
	await page.getByText('Recorded').first().waitFor();
	expect(await seen.violations()).toEqual([]);
	expect(seen.errors).toEqual([]);
});

test('the tour of World goes on by Enter, ends by Escape, and is found again', async () => {
	const page = await (await visits.newContext({ reducedMotion: 'reduce' })).newPage();
	await page.goto(visits.url);
	await page.locator('h1').first().waitFor();
	await tabTo(page, /take the tour$/);
	await page.keyboard.press('Enter');
	const tour = page.getByRole('dialog');
	for (const { title: key, at } of steps) {
		const title = english[key as keyof typeof english];
		await tour.getByRole('heading', { name: title }).waitFor();
		expect(await page.locator(at).count(), at).toBe(1);
		if (key === steps[2]?.title) expect(await violationsOf(page)).toEqual([]);
		await tour.getByRole('button', { name: /^(Next|Done)$/ }).press('Enter');
	}
	await expect.poll(() => tour.count()).toBe(0);
	await page.getByRole('button', { name: 'Tour', exact: true }).click();
	await tour.waitFor();
	await page.keyboard.press('Escape');
	await expect.poll(() => tour.count()).toBe(0);
	expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Tour');
});

test('a lesson that is none is answered by the field that is wrong', async () => {
	const page = await (await visits.newContext()).newPage();
	await page.goto(`${visits.url}#/learn`);
	const file = {
		name: 'mine.json',
		mimeType: 'application/json',
		buffer: Buffer.from('{"id": "Mine"}'),
	};
	await page.locator('input[type=file]').setInputFiles(file);
	await page.getByText('Not a lesson: it.id is not a word').waitFor();
	await page.goto(`${visits.url}#/learn?lesson=nowhere`);
	await page.getByText('There is no lesson “nowhere”').waitFor();
});

test.each(widths)(
	'at %i pixels nothing sticks out, and axe finds nothing, light and dark',
	async (width) => {
		for (const colorScheme of ['light', 'dark'] as const) {
			const context = await visits.newContext({
				viewport: { width, height: 900 },
				...{ colorScheme, reducedMotion: 'reduce' },
			});
			const page = await context.newPage();
			for (const route of ['#/learn', '#/learn?lesson=forgetting']) {
				await page.goto(`${visits.url}${route}`);
				await page.locator('main h1').waitFor();
				const skip = page.getByRole('button', { name: 'Skip, just show me' });
				if (route.includes('lesson')) {
					await skip.click();
					await page.getByRole('button', { name: 'Play the recorded run' }).click();
					await page.getByRole('button', { name: 'Show the end' }).click();
					await page.getByText('What came out', { exact: true }).waitFor();
				}
				const excess = await page.evaluate(
					() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
				);
				expect(excess, route).toBeLessThanOrEqual(0);
				expect(await violationsOf(page), `${route} ${colorScheme}`).toEqual([]);
			}
		}
	},
);

/** Every text that a person sees or hears, but for what is typed or shown as it is. */
const textsOf = (page: Page): Promise<readonly string[]> =>
	page.evaluate(() => {
		const found = new Set<string>();
		const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node = texts.nextNode(); node; node = texts.nextNode())
			if (!node.parentElement?.closest('code, script, style, noscript, option'))
				found.add(node.textContent?.trim() ?? '');
		for (const name of ['aria-label', 'title'])
			for (const element of document.querySelectorAll(`[${name}]`))
				found.add(element.getAttribute(name) ?? '');
		return [...found];
	});

test.each([
	['zh-CN', 'zh-Hans', '课程', '过滤有什么用？'],
	['ja-JP', 'ja', '学ぶ', 'フィルターは何のため？'],
])('in %s nothing on World and Learn is left in English', async (locale, tag, learn, filter) => {
	const page = await (await visits.newContext({ locale, reducedMotion: 'reduce' })).newPage();
	const seen = await watch(page);
	const leftOver = async () => (await textsOf(page)).flatMap(latinSentences);
	await page.goto(visits.url);
	await page.locator('.accuracy .map').waitFor();
	expect(await page.locator('html').getAttribute('lang')).toBe(tag);
	expect(await leftOver()).toEqual([]);
	await page.getByRole('link', { name: learn, exact: true }).click();
	await page.getByRole('heading', { name: learn, exact: true }).waitFor();
	expect(await leftOver()).toEqual([]);
	await page.getByRole('link', { name: filter }).click();
	await page.getByRole('heading', { name: filter }).waitFor();
	expect(await leftOver()).toEqual([]);
	// A choice holds for later visits, and a link's comes before the browser's.
	await page.getByRole('combobox').first().selectOption('en');
	await page.getByRole('heading', { name: 'What is a filter for?' }).waitFor();
	await page.reload();
	await page.getByRole('heading', { name: 'What is a filter for?' }).waitFor();
	await page.goto(`${visits.url}?lang=${tag.slice(0, 2)}#/learn`);
	await page.getByRole('heading', { name: learn, exact: true }).waitFor();
	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
	expect(await seen.violations()).toEqual([]);
	expect(seen.errors).toEqual([]);
});
