/** @file The screens that a visitor of World, Learn, present mode, About and the page for teachers sees, and how each is come to. */
import type { Page } from 'playwright';

export interface Screen {
	readonly name: string;
	/** After the site's address: query and hash. */
	readonly address: string;
	/** From the page as it opens to what is drawn; by keys and places, since its words are in three languages. */
	readonly prepare?: (page: Page) => Promise<void>;
	/** Only at this size. */
	readonly size?: Size;
}

export interface Size {
	readonly width: number;
	readonly height: number;
}

export const laptop: Size = { width: 1280, height: 900 };
export const phone: Size = { width: 390, height: 844 };
export const room: Size = { width: 1280, height: 720 };

async function answerLesson(page: Page): Promise<void> {
	await page.locator('form .link').click();
	await page.locator('section [role=status]').first().waitFor();
}

export const screens: readonly Screen[] = [
	{
		name: 'world-idle',
		address: '#/',
		prepare: (page) => page.locator('.accuracy .map').waitFor(),
	},
	{
		name: 'world-running',
		address: '#/',
		prepare: async (page) => {
			await page.locator('.accuracy .map').waitFor();
			await moveTo(page, 0.5);
			await page.locator('.meter:not(.waiting)').waitFor();
		},
	},
	{
		name: 'world-finished',
		address: '#/',
		prepare: async (page) => {
			await page.locator('.accuracy .map').waitFor();
			await moveTo(page, 1);
			await page.locator('#take-title').waitFor();
		},
	},
	{
		name: 'cell',
		address: '#/',
		prepare: async (page) => {
			await page.locator('.recipe .cell button').nth(1).click();
			await page.locator('dialog .knob').first().waitFor();
		},
	},
	{ name: 'learn', address: '#/learn' },
	{ name: 'lesson-before', address: '#/learn?lesson=filter' },
	{
		name: 'lesson-after',
		address: '#/learn?lesson=filter',
		prepare: async (page) => {
			await answerLesson(page);
			await page.locator('section[aria-label] > div:first-child .button').last().click();
			await page.locator('section[aria-label] > div:first-child .link').click();
			await page.locator('.came').waitFor();
		},
	},
	{ name: 'runs', address: '#/runs', prepare: (page) => page.locator('.empty').waitFor() },
	{ name: 'map', address: '#/map' },
	{
		name: 'leaf',
		address: '#/map',
		prepare: async (page) => {
			await page.locator('.phase li button').nth(3).click();
			await page.locator('dialog article').first().waitFor();
		},
	},
	{
		name: 'gallery',
		address: '#/gallery?environment=addition',
		prepare: async (page) => {
			await page.locator('details form input').fill('357 + 864');
			await page.locator('details form textarea').fill('1121');
			await page.locator('details form button').click();
			await page.locator('details form [role=status]:not(:empty)').waitFor();
		},
	},
	{ name: 'about', address: '#/about' },
	{ name: 'class', address: '#/class' },
	{
		name: 'guess',
		address: '?guess#/',
		size: phone,
		prepare: async (page) => {
			await page.locator('.accuracy .map').waitFor();
			await moveTo(page, 1);
			await page.locator('form .field').first().fill('14');
			await page.locator('form .first').first().click();
			await page.locator('section b').first().waitFor();
		},
	},
	{
		name: 'present',
		address: '?present#/',
		size: room,
		prepare: async (page) => {
			await page.locator('dialog, .present').first().waitFor();
		},
	},
];

/** Moves the recording to this share of it. */
export async function moveTo(page: Page, share: number): Promise<void> {
	const slider = page.locator('input[type=range]').first();
	await slider.waitFor();
	await slider.evaluate((input: HTMLInputElement, to) => {
		input.value = String(Number(input.min) + to * (Number(input.max) - Number(input.min)));
		input.dispatchEvent(new Event('input', { bubbles: true }));
		input.dispatchEvent(new Event('change', { bubbles: true }));
	}, share);
}

/** Opens a screen and waits until nothing moves. */
export async function show(page: Page, url: string, screen: Screen): Promise<void> {
	await page.goto('about:blank');
	await page.goto(`${url}${screen.address}`);
	await page.locator('main h1').first().waitFor();
	await screen.prepare?.(page);
	await page.waitForTimeout(400);
}
