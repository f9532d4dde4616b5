/** @file A model of one's own on the built page: dropped as a file, talked with, taught, and there again without a network. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { violationsOf } from './axe.ts';
import { elsewhere, watch } from './site.ts';
import { useVisits } from './visits.ts';

const gguf = await readFile(new URL('../fixtures/tiny-chat.gguf', import.meta.url));

const visits = useVisits();

/** Drops the file on the page, as from the desktop. */
async function drop(page: Page): Promise<void> {
	const data = await page.evaluateHandle((text) => {
		const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
		const transfer = new DataTransfer();
		transfer.items.add(new File([bytes], 'tiny-chat.gguf'));
		return transfer;
	}, gguf.toString('base64'));
	const zone = page.locator('section', { hasText: 'From your disk' }).last();
	await zone.dispatchEvent('drop', { dataTransfer: data });
}

async function say(page: Page, words: string): Promise<void> {
	const finished = page.getByRole('button', { name: 'Regenerate' });
	const before = await finished.count();
	await page.getByRole('textbox', { name: 'Your message' }).fill(words);
	await page.keyboard.press('Enter');
	await expect.poll(() => finished.count(), { timeout: 60_000 }).toBeGreaterThan(before);
	await page.getByRole('button', { name: 'Send' }).waitFor();
}

/** Axe has nothing against the step that is shown, light or dark. */
async function assertAccessible(page: Page, step: string): Promise<void> {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		expect(await violationsOf(page), `${step}, ${colorScheme}`).toEqual([]);
	}
}

/** Keys alone open each step of Teach on a telephone, and nothing sticks out of it. */
async function walkOnATelephone(page: Page): Promise<void> {
	const before = page.viewportSize();
	await page.setViewportSize({ width: 390, height: 844 });
	const steps = page.getByRole('navigation', { name: 'Steps of teaching' }).getByRole('button');
	await steps.first().focus();
	for (const step of ['Data', 'Rows', 'Train', 'Examine', 'Audit', 'Forget']) {
		await page.keyboard.press('Enter');
		const current = page.locator('nav [aria-current=step]');
		await expect.poll(() => current.textContent()).toContain(step);
		const overflow = () =>
			page.evaluate(
				() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
			);
		await expect.poll(overflow, { message: step }).toBeLessThanOrEqual(0);
		await page.keyboard.press('Tab');
	}
	if (before) await page.setViewportSize(before);
}

/** A table dropped on the Chat page becomes rows, an adapter that is there after a reload, and a verdict. */
async function teachATable(page: Page): Promise<void> {
	const rows = Array.from({ length: 24 }, (_, i) => `Where is key ${i}?,Under stone ${i}.`);
	const data = await page.evaluateHandle(
		(text) => {
			const transfer = new DataTransfer();
			transfer.items.add(new File([text], 'keys.csv'));
			return transfer;
		},
		`question,answer\n${rows.join('\n')}\nWho?,\n`,
	);
	await page.locator('main').dispatchEvent('drop', { dataTransfer: data });
	await page.getByText('question and answer in two columns, 24 rows, 1 problem').waitFor();
	await page.getByText('1 place could not be read').click();
	await page.getByText('keys.csv, line 26').waitFor();

	await assertAccessible(page, 'data');

	// What was marked and chosen in Chat lies beside it, and can be taken away.
	await page.getByRole('button', { name: /^Take away marked in Chat/ }).click();
	await page.getByText(/^marked in Chat, .* is taken away/).waitFor();
	await page.getByRole('button', { name: 'Look at the rows' }).click();
	await page.getByText('better than', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'As the model reads it' }).nth(1).click();
	expect(await page.locator('.view .learnt').first().textContent()).toMatch(/^Under stone 0\./);

	await assertAccessible(page, 'rows');

	await page.getByRole('button', { name: 'Go on to training' }).click();
	await page.getByText('1 preference among 25 rows').waitFor();
	await assertAccessible(page, 'train');
	await page.getByText('Go on on a bigger machine').click();
	const [folder] = await Promise.all([
		page.waitForEvent('download'),
		page.getByRole('button', { name: 'Save the folder' }).click(),
	]);
	expect(folder.suggestedFilename()).toBe('evolvarium-handover.zip');
	await page.getByRole('button', { name: 'Train', exact: true }).click();
	await page.getByRole('button', { name: 'Examine it' }).waitFor({ timeout: 60_000 });
	await page.reload();
	await page.getByRole('button', { name: 'Examine it' }).click({ timeout: 60_000 });
	await page.getByRole('button', { name: 'Examine', exact: true }).click();
	const verdict = page.locator('.verdict');
	await verdict.waitFor({ timeout: 120_000 });
	expect(await verdict.textContent()).toMatch(/at yours|No difference|No gain/);
	expect(await page.getByText('Plain English').isVisible()).toBe(true);
	await assertAccessible(page, 'examine');
}

/** The adapter is audited with keys alone, made to forget a row, and taken back; all of it is there after a reload. */
async function auditAndForget(page: Page): Promise<void> {
	await page.getByRole('button', { name: /what would it give away/ }).click();
	const most = page.getByLabel(/^Rows, of/);
	await most.fill('2');
	await most.press('Tab');
	await page.getByRole('button', { name: 'Audit', exact: true }).focus();
	await page.keyboard.press('Enter');
	const verdict = page.locator('.verdict');
	await verdict.waitFor({ timeout: 60_000 });
	expect(await verdict.textContent()).toMatch(/of 2 texts/);
	await assertAccessible(page, 'audit');
	await page.getByRole('button', { name: /to forget$|^Forget what/ }).click();
	const first = page.getByRole('checkbox', { name: /^keys\.csv, line 2:/ });
	await assertAccessible(page, 'forget');
	await walkOnATelephone(page);
	await first.focus();
	await page.keyboard.press('Space');
	await page.getByRole('button', { name: 'What does that take?' }).click();
	await page.getByRole('button', { name: 'Forget 1 row', exact: true }).click();
	await page.getByText('is not said yet').waitFor({ timeout: 60_000 });
	await page.reload();
	await page.getByText('1 row left out, trained anew from the start').waitFor({ timeout: 60_000 });
	await page.getByRole('button', { name: 'Back to the adapter before' }).click();
	await page.getByText('What is “My text” to forget?').waitFor();
}

test('a dropped GGUF file chats, learns in five steps, changes its adapter, and does so again offline', async () => {
	const context = await visits.newContext();
	const page = await context.newPage();
	const seen = await watch(page);
	await page.goto(`${visits.url}#/models`);
	await expect
		.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null))
		.toBe(true);
	await drop(page);
	const chat = page.locator('main').getByRole('link', { name: 'Chat', exact: true });
	await chat.click({ timeout: 60_000 });

	await page.getByText('context of 256 tokens').waitFor({ timeout: 60_000 });
	await page.getByText('Answer settings').click();
	await page.getByLabel('Longest answer', { exact: true }).fill('12');
	await page.getByLabel('Temperature', { exact: true }).fill('0');
	await say(page, 'Say something.');
	const answers = page.getByRole('article');
	expect(await answers.count()).toBe(1);
	expect(await answers.first().textContent()).not.toContain('It failed');

	await page.getByRole('button', { name: 'Good answer' }).click();
	await page.getByText('Your mark is a row now').waitFor();
	await page.getByLabel('Temperature', { exact: true }).fill('2');
	await page.getByRole('button', { name: 'Another beside it' }).click();
	await page.getByRole('button', { name: 'This one is better' }).last().click({ timeout: 60_000 });
	await page.getByText('Your choice is a row now').waitFor();
	await page.getByLabel('Temperature', { exact: true }).fill('0');
	await page.getByText('Teach it').click();
	await page.getByRole('button', { name: 'Train', exact: true }).click();
	await page.getByText(/is kept in this browser/).waitFor({ timeout: 60_000 });
	expect(await page.getByText('Step 5 of 5').isVisible()).toBe(true);

	// Both at once: the adapter, and the base model beside it.
	await say(page, 'And now?');
	await expect.poll(() => answers.count()).toBe(4);
	expect(await page.getByRole('article', { name: 'Answer: Lesson 1' }).count()).toBe(1);
	await page.getByLabel('Answers from').selectOption({ label: 'the base model' });
	await say(page, 'And again?');
	expect(await page.getByRole('article', { name: 'Answer: base model' }).count()).toBe(4);

	await teachATable(page);
	await auditAndForget(page);
	await page.locator('header').getByRole('link', { name: 'Chat', exact: true }).click();

	await context.setOffline(true);
	await page.reload();
	// The address names no model any more; the one that was talked with last is chosen.
	await page.getByRole('button', { name: 'Open', exact: true }).click();
	await page.getByText('context of 256 tokens').waitFor({ timeout: 60_000 });
	expect(await answers.count()).toBe(5);
	await page.getByRole('button', { name: 'New chat' }).click();
	await page.getByLabel('Answers from').selectOption({ label: 'Lesson 1' });
	await say(page, 'Still there?');
	const last = page.getByRole('article', { name: 'Answer: Lesson 1' });
	expect(await last.textContent()).not.toContain('fail');

	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
	expect(await seen.violations()).toEqual([]);
});
