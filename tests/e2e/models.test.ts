/** @file The Models page as it is served: a file dropped, a model of the hub fetched through a bad connection, and both there offline. */
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page, Route } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startHub, type HubServer } from '../library/hub-server.ts';
import { tinyFolder } from '../runs/tiny-model.ts';
import { violationsOf } from './axe.ts';
import { elsewhere, watch, widths } from './site.ts';
import { useVisits } from './visits.ts';

const gguf = await readFile(new URL('../fixtures/tiny-chat.gguf', import.meta.url));
const folder = tinyFolder();
const name = 'someone/tiny';

const visits = useVisits();
let hub: HubServer;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
	hub = await startHub({ [name]: folder });
});
beforeEach(async () => {
	context = await visits.newContext();
	page = await context.newPage();
	hub.mood = {};
	hub.asked.length = 0;
	// The hub is not to be had in tests: its name leads to a server on this machine.
	await context.route('https://huggingface.co/**', toLocal);
});
afterAll(() => hub.close());

/** Answers with what the local hub says, redirects followed; a broken answer stays broken. */
async function toLocal(route: Route): Promise<void> {
	const request = route.request();
	const url = new URL(request.url());
	const origin = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
	if (request.method() === 'OPTIONS') {
		await route.fulfill({ status: 204, headers: origin });
		return;
	}
	const { range, authorization } = await request.allHeaders();
	try {
		const response = await fetch(`${hub.url}${url.pathname}${url.search}`, {
			headers: { ...(range && { range }), ...(authorization && { authorization }) },
		});
		const body = Buffer.from(await response.arrayBuffer());
		const headers = Object.fromEntries(response.headers);
		await route.fulfill({
			status: response.status,
			headers: { ...headers, ...origin, 'access-control-expose-headers': '*' },
			body,
		});
	} catch {
		await route.abort('connectionreset');
	}
}

async function open(route = '#/models'): Promise<void> {
	await page.goto(new URL(route, visits.url).href);
	await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
	await page.getByText('Seedlings', { exact: true }).waitFor();
}
const entry = (text: string) => page.getByRole('listitem').filter({ hasText: text });
const said = (text: string | RegExp) => page.getByText(text).first().waitFor();

test('a dropped GGUF is copied in, renamed, there after a reload without a network, and deleted', async () => {
	const seen = await watch(page);
	await open();
	await page.getByLabel('Model files').setInputFiles({
		name: 'tiny-chat.gguf',
		mimeType: 'application/octet-stream',
		buffer: gguf,
	});
	await said(/is here\. It stays in this browser/);
	expect(await page.getByText('ready, also offline').count()).toBe(1);
	await page.getByRole('button', { name: /^Rename/ }).click();
	await page.getByRole('textbox', { name: 'Name of the model' }).last().fill('My own');
	await page.keyboard.press('Enter');
	await entry('My own').waitFor();
	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
	await page.waitForTimeout(1500); // the service worker keeps what was loaded
	await context.setOffline(true);
	await page.reload();
	await entry('My own').getByText('ready, also offline').waitFor();
	await context.setOffline(false);
	await entry('My own').getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await said('Deleted My own.');
	await said(/There is no model of your own yet/);
	expect(await seen.violations()).toEqual([]);
});

test('a drop on the zone is taken in, and a file that is no model is refused with a sentence', async () => {
	await open();
	const dropped = async (file: string, bytes: Buffer) => {
		const data = await page.evaluateHandle(
			([called, text]) => {
				const transfer = new DataTransfer();
				const content = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
				transfer.items.add(new File([content], called));
				return transfer;
			},
			[file, bytes.toString('base64')] as const,
		);
		await page
			.getByRole('region', { name: /From your disk/ })
			.dispatchEvent('drop', { dataTransfer: data });
	};
	await dropped('holiday.gguf', Buffer.from('not a model, but long enough to look like one'));
	await page.getByRole('alert').filter({ hasText: 'holiday.gguf' }).waitFor();
	expect(await page.getByRole('alert').first().textContent()).toMatch(/\.$/);
	await dropped('tiny-chat.gguf', gguf);
	await said(/is here\. It stays in this browser/);
});

test('a hub model shows what it needs, is fetched where the connection broke, and stays', async () => {
	await open();
	await page.waitForTimeout(300);
	expect(hub.asked).toEqual([]);
	await page.getByLabel('Name of the model').fill(name);
	await page.getByRole('button', { name: 'Show details' }).click();
	await page.getByRole('heading', { name }).waitFor();
	await said('apache-2.0');
	expect(await page.getByRole('row', { name: /chat.*fits/ }).count()).toBeGreaterThan(0);
	hub.mood = { cutAfter: 30_000, cuts: 1 };
	await page.getByRole('button', { name: /^Download/ }).click();
	await entry(name).getByText('ready, also offline').waitFor({ timeout: 60_000 });
	await page.reload();
	await entry(name).getByText('ready, also offline').waitFor();
});

test('a gated model asks for a token, which is neither stored nor sent elsewhere', async () => {
	await open();
	hub.mood = { token: 'hf_secret' };
	await page.getByLabel('Name of the model').fill(name);
	await page.getByRole('button', { name: 'Show details' }).click();
	await page
		.getByRole('alert')
		.filter({ hasText: /needs a token/ })
		.waitFor();
	await page.getByText('The model is gated or private').click();
	await page.getByLabel('Access token of your account on the hub').fill('hf_secret');
	await page.getByRole('button', { name: 'Show details' }).click();
	await page.getByRole('button', { name: /^Download/ }).click();
	await entry(name).getByText('ready, also offline').waitFor({ timeout: 60_000 });
	expect(hub.leaked).toEqual([]);
	const stored = await page.evaluate(async () => {
		const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), location.href];
		const walk = async (at: FileSystemDirectoryHandle): Promise<void> => {
			for await (const handle of at.values())
				if (handle.kind === 'directory') await walk(handle);
				else texts.push(await (await handle.getFile()).text());
		};
		await walk(await navigator.storage.getDirectory());
		return texts.join('\n');
	});
	expect(stored).toContain(name);
	expect(stored).not.toContain('hf_secret');
	await page.reload();
	await page.getByText('The model is gated or private').click();
	expect(await page.getByLabel('Access token of your account on the hub').inputValue()).toBe('');
});

test.each(widths)(
	'at %i pixels nothing sticks out and axe objects to nothing, also with a model looked at',
	async (width) => {
		await page.setViewportSize({ width, height: 900 });
		await open();
		await page.getByLabel('Model files').setInputFiles({
			name: 'a-rather-long-name-of-a-model-that-someone-gave-it.Q8_0.gguf',
			mimeType: 'application/octet-stream',
			buffer: gguf,
		});
		await said(/is here\. It stays in this browser/);
		await page.getByLabel('Name of the model').fill(name);
		await page.getByRole('button', { name: 'Show details' }).click();
		await page.getByRole('heading', { name }).waitFor();
		const excess = await page.evaluate(
			() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
		);
		expect(excess).toBeLessThanOrEqual(0);
		expect(await violationsOf(page)).toEqual([]);
	},
);
