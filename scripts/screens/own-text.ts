/**
 * @file Walk through Models, Chat and Teach with a small model and data: each step is come to by keys and places, since its
 * words are in three languages, and then looked at.
 */
import type { Page } from 'playwright';

/** Called at each step, with its name. */
type Look = (name: string) => Promise<void>;

/** What is given to the page. */
export interface OwnText {
	/** A model that chats, as GGUF. */
	readonly model: Uint8Array;
	/** A table of questions and answers, and notes, in the language shown. */
	readonly table: string;
	readonly notes: string;
}

const slow = { timeout: 180_000 } as const;

export async function walkOwnText(
	page: Page,
	url: string,
	given: OwnText,
	look: Look,
): Promise<void> {
	await models(page, url, given, look);
	await chat(page, look);
	await data(page, url, given, look);
	await train(page, look);
	await auditAndForget(page, look);
}

const file = (name: string, content: string | Uint8Array) => ({
	...{ name, mimeType: 'application/octet-stream' },
	buffer: Buffer.from(content),
});

/** Opens all that can be opened. */
const unfold = (page: Page): Promise<void> =>
	page.evaluate(() => {
		for (const details of document.querySelectorAll('details')) details.open = true;
	});

async function models(page: Page, url: string, { model }: OwnText, look: Look): Promise<void> {
	await page.goto(`${url}#/models`);
	await page.locator('.seedlings').waitFor();
	await unfold(page);
	await look('models-none');
	await page.locator('input[type=file]').first().setInputFiles(file('tiny.gguf', model));
	await page.locator('.entry .ready').waitFor(slow);
	await look('models-one');
	await page.locator('.entry .do button').last().click();
	await page.locator('dialog p').waitFor();
	await look('models-delete');
	await page.locator('dialog .buttons .button').first().click();
}

async function chat(page: Page, look: Look): Promise<void> {
	await page.locator('.entry .do a').click();
	const message = page.locator('form textarea.field').last();
	await message.waitFor(slow);
	await unfold(page);
	await look('chat-open');
	await message.fill('7');
	await message.press('Enter');
	const chips = page.locator('article .chip');
	await chips.nth(3).waitFor(slow);
	await chips.nth(2).click();
	await page.locator('article [role=status] a').waitFor(slow);
	await page.locator('.check input').last().check();
	await look('chat-answered');
	await page.locator('details form .button').last().click();
	await page.locator('details ul li').first().waitFor(slow);
	await look('chat-taught');
}

async function data(page: Page, url: string, given: OwnText, look: Look): Promise<void> {
	await page.goto(`${url}#/teach`);
	const input = page.locator('input[type=file]').first();
	await input.waitFor({ state: 'attached' });
	await page.locator('.notice').waitFor({ state: 'attached' });
	await input.setInputFiles([file('table.csv', given.table), file('notes.txt', given.notes)]);
	const uses = page.locator('fieldset input[type=radio]');
	await uses.nth(2).waitFor(slow);
	await uses.nth(2).check();
	await page.locator('section .row .button').last().waitFor();
	await unfold(page);
	await look('teach-data');
	await uses.nth(1).check();
	await step(page, 1);
	await page.locator('main ul li .chip').first().click();
	await page.locator('.view').waitFor(slow);
	await page.locator('section .row .button').first().click();
	await page.locator('main table').waitFor(slow);
	await look('teach-rows');
}

async function train(page: Page, look: Look): Promise<void> {
	await step(page, 2);
	await unfold(page);
	const [begin, howLong] = ['.button.first', '.button:not(.first)'].map((name) =>
		page.locator(`form .row:last-child ${name}`),
	);
	// The last third of the layers, which the knob then says.
	await page.locator('form input[type=checkbox]').nth(1).check();
	await page.waitForFunction(() =>
		[...document.querySelectorAll('form input')].some(
			(input) => input instanceof HTMLInputElement && input.value === '0.34',
		),
	);
	await howLong?.click();
	await page.locator('form .row:last-child .note:not(:empty)').first().waitFor(slow);
	await look('teach-train');
	await begin?.click();
	await page.locator('section .buttons .button.first').waitFor(slow);
	await look('teach-trained');
	await step(page, 3);
	await page.locator('section .row .button').first().click();
	await page.locator('.verdict').waitFor(slow);
	await look('teach-examined');
}

async function auditAndForget(page: Page, look: Look): Promise<void> {
	await step(page, 4);
	const most = page.locator('input[type=number]');
	await most.fill('2');
	await most.press('Tab');
	await page.locator('section .row .button').first().click();
	await page.locator('.verdict').waitFor(slow);
	await unfold(page);
	await look('teach-audited');
	await step(page, 5);
	const rows = page.locator('fieldset').last().locator('input[type=checkbox]');
	await rows.first().check();
	await page.locator('section .row').last().locator('.button').first().click();
	const forget = page.locator('section .row .button.first');
	await forget.waitFor(slow);
	await look('teach-forget');
	await forget.click();
	await page.locator('ol summary').waitFor(slow);
	await unfold(page);
	await look('teach-forgot');
}

/** Opens a step of Teach. */
async function step(page: Page, n: number): Promise<void> {
	const button = page.locator('nav ol button').nth(n);
	await button.click(slow);
	await page.locator(`nav ol li:nth-child(${n + 1}) [aria-current=step]`).waitFor();
}
