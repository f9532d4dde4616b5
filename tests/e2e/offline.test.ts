/** @file A model that was added and never opened: the page caches all that it needs for chat and training, and works without a network. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { watch } from './site.ts';
import { useVisits } from './visits.ts';

const gguf = await readFile(new URL('../fixtures/tiny-chat.gguf', import.meta.url));
const visits = useVisits();

/** A visitor who does not want the whole page kept: only what is used, or a model of one's own needs, is. */
async function openSparing(): Promise<Page> {
	const context = await visits.newContext();
	await context.addInitScript(() => localStorage.setItem('evolvarium:offline', 'no'));
	return context.newPage();
}

test('a model that was only added chats and learns offline', async () => {
	const page = await openSparing();
	const seen = await watch(page);
	await page.goto(`${visits.url}#/models`);
	await page.getByText(/There is no model of your own yet/).waitFor();
	const engine = () => seen.requests.filter((url) => /\.wasm$/.test(url));
	expect(engine()).toEqual([]);
	await page.getByLabel('Model files').setInputFiles({
		name: 'tiny-chat.gguf',
		mimeType: 'application/octet-stream',
		buffer: gguf,
	});
	await page.getByText(/works offline, training included/).waitFor();
	await page.getByText('ready, also offline').waitFor();
	// The kernel, which learns and lets large models speak, and ONNX Runtime for small ones; nothing for a GPU.
	expect(engine().some((url) => url.includes('ort-wasm'))).toBe(true);
	expect(engine().some((url) => url.includes('relaxed'))).toBe(true);
	expect(engine().filter((url) => url.includes('asyncify'))).toEqual([]);
	const loaded = new Set(seen.requests);

	await page.context().setOffline(true);
	await page.reload();
	await page.getByText('ready, also offline').waitFor();
	await page.locator('main').getByRole('link', { name: 'Chat', exact: true }).click();
	await page.getByText('context of 256 tokens').waitFor({ timeout: 60_000 });
	await page.getByText('Answer settings').click();
	await page.getByLabel('Longest answer', { exact: true }).fill('8');
	await page.getByRole('textbox', { name: 'Your message' }).fill('Say something.');
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'Good answer' }).click({ timeout: 60_000 });
	await page.getByText('Teach it').click();
	await page.getByRole('button', { name: 'Train', exact: true }).click();
	await page.getByText(/is kept in this browser/).waitFor({ timeout: 60_000 });
	// All that was needed had been asked for when the model was added, but for the recording, which is no part of it.
	const later = seen.requests.filter((url) => !loaded.has(url));
	expect(later.filter((url) => /\/assets\//.test(url))).toEqual([]);
	expect(await seen.violations()).toEqual([]);
});

test('what a seedling has used already does not stand for what only models of one’s own use', async () => {
	const page = await openSparing();
	const seen = await watch(page);
	const asked = (part: string) => seen.requests.some((url) => url.includes(part));
	await page.goto(visits.url);
	await page.getByRole('button', { name: 'Evolve', exact: true }).click();
	const isKept = () =>
		page.evaluate(async () => {
			const found = await Promise.all(
				(await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
			);
			return found.flat().some(({ url }) => /ort-wasm.*\.wasm$/.test(url));
		});
	await expect.poll(isKept, { timeout: 30_000 }).toBe(true);
	await page.getByRole('button', { name: 'Stop' }).click();
	await page.getByRole('link', { name: 'Models', exact: true }).click();
	expect(asked('relaxed')).toBe(false);
	await page.getByLabel('Model files').setInputFiles({
		name: 'tiny-chat.gguf',
		mimeType: 'application/octet-stream',
		buffer: gguf,
	});
	await page.getByText('ready, also offline').waitFor();
	expect(asked('relaxed')).toBe(true);
});
