/** @file A role played by a server on the person's own machine: asked only while a run plays, said in the header, named when it is not there. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violationsOf } from './axe.ts';
import { elsewhere, watch, widths, type Watch } from './site.ts';
import { useVisits } from './visits.ts';

const gguf = await readFile(new URL('../fixtures/tiny-chat.gguf', import.meta.url));
const visits = useVisits();

interface Question {
	readonly model: string;
	readonly messages: readonly { readonly content: string }[];
}

/** A chat-completions server as Ollama or llama.cpp have one; it says Yes. */
interface ModelServer {
	readonly url: string;
	readonly asked: readonly string[];
	readonly questions: readonly Question[];
	/** Which pages may ask; none is how a server without CORS answers. */
	allows: 'all' | 'none';
	close(): Promise<void>;
}

async function startModelServer(): Promise<ModelServer> {
	const asked: string[] = [];
	const questions: Question[] = [];
	const state: Pick<ModelServer, 'allows'> = { allows: 'all' };
	const server = createServer((request, response) => {
		asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
		if (state.allows === 'all') {
			response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
			response.setHeader('access-control-allow-headers', 'content-type, authorization');
		}
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			response.setHeader('content-type', 'application/json');
			if (request.method === 'OPTIONS') return void response.writeHead(204).end();
			if (request.method === 'GET') return void response.end('{"object":"list","data":[]}');
			questions.push(JSON.parse(Buffer.concat(parts).toString()) as Question);
			const message = { role: 'assistant', content: 'Yes, it does.' };
			response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return Object.assign(state, {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked,
		questions,
		close: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	});
}

/** A round of a few steps; proposer and solver say what is written here, the judge is chosen in the dialog. */
const quick = new URLSearchParams({
	method: 'self-instruct',
	substance: 'off',
	rounds: '1',
	newTasks: '4',
	seedTasks: '8',
	shown: '1',
	answerTokens: '48',
	samples: '1',
	steps: '2',
	batch: '2',
	rank: '2',
	examined: '1',
	proposer: 'script:Tell a sailor in plain words what a kite is for. Use at most 30 words.',
	solver: 'script:It flies and shows the wind.',
}).toString();

let server: ModelServer;
beforeEach(async () => {
	server = await startModelServer();
});
afterEach(() => server.close());

/** Takes the model in, then assigns the judge. */
async function assignJudge(): Promise<{ readonly page: Page; readonly seen: Watch }> {
	const context = await visits.newContext();
	const page = await context.newPage();
	const seen = await watch(page);
	await page.goto(`${visits.url}?${quick}#/models`);
	await page.getByLabel('Model files').setInputFiles({
		name: 'tiny-chat.gguf',
		mimeType: 'application/octet-stream',
		buffer: gguf,
	});
	await page.getByText(/is here\. It stays/).waitFor();
	await page.getByRole('link', { name: 'World', exact: true }).first().click();
	await page.getByText('nothing leaves this tab').waitFor();
	await page.getByRole('button', { name: 'Self-Instruct' }).first().click();
	await page.getByText('SmolLM2-135M-Instruct is not in this browser yet').waitFor();
	expect(await page.getByRole('link', { name: 'fetch or open it in Models' }).count()).toBe(1);
	await page.getByLabel(/^base model/).selectOption({ label: 'tiny-chat' });
	await page.getByLabel(/^judge /).selectOption({ label: 'A server (leaves this tab)' });
	await page.getByLabel('judge: which').fill(`${server.url}/v1#small`);
	await page.keyboard.press('Tab');
	await page.getByText(/are sent to the server named here/).waitFor();
	await page.keyboard.press('Escape');
	await page.getByText(`asks ${new URL(server.url).host}`).waitFor();
	return { page, seen };
}

test('a run is judged by a server on this machine, which hears nothing before it', async () => {
	const { page, seen } = await assignJudge();
	await page.waitForTimeout(500);
	expect(server.asked).toEqual([]);
	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
	await page.getByRole('button', { name: 'Evolve', exact: true }).click();
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 120_000 });
	expect(server.questions.length).toBeGreaterThan(0);
	for (const { model, messages } of server.questions) {
		expect(model).toBe('small');
		expect(messages[0]?.content).toContain('It flies and shows the wind.');
	}
	const left = elsewhere(seen.requests, visits.url);
	expect(left.filter((url) => !url.startsWith(server.url))).toEqual([]);
	expect(await seen.violations()).toEqual([]);
	await page.getByRole('link', { name: 'Experiences', exact: true }).click();
	await page.getByText('It flies and shows the wind.').first().waitFor();
});

test('a server that does not let this page ask is named with the remedy, and the run goes on when it does', async () => {
	server.allows = 'none';
	const { page } = await assignJudge();
	await page.getByRole('button', { name: 'Evolve', exact: true }).click();
	const { origin } = new URL(visits.url);
	await page
		.getByText(`start Ollama with OLLAMA_ORIGINS=${origin}`)
		.first()
		.waitFor({ timeout: 60_000 });
	expect(server.questions).toEqual([]);
	server.allows = 'all';
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 120_000 });
	expect(server.questions.length).toBeGreaterThan(0);
});

test('the policy holds in the worker that asks, too', async () => {
	const { page } = await assignJudge();
	const worker = page.workers().find((one) => /\/assets\/worker-/.test(one.url()));
	const refused = await worker?.evaluate(
		() =>
			new Promise<string>((resolve) => {
				self.addEventListener('securitypolicyviolation', (event) => {
					resolve(`${event.effectiveDirective} ${event.blockedURI}`);
				});
				fetch('https://api.example/v1').then(
					() => resolve('left the tab'),
					() => undefined,
				);
			}),
	);
	expect(refused).toBe('connect-src https://api.example/v1');
});

test('a server that is not on this machine is refused where it is written, and nothing is asked', async () => {
	const { page, seen } = await assignJudge();
	await page.getByRole('button', { name: 'Self-Instruct' }).first().click();
	await page.getByLabel('judge: which').fill('https://api.example/v1#large');
	await page.keyboard.press('Tab');
	await page
		.getByRole('alert')
		.filter({ hasText: 'This page asks servers on this machine only' })
		.waitFor();
	expect(elsewhere(seen.requests, visits.url)).toEqual([]);
});

const looks = widths.flatMap((width) =>
	(['light', 'dark'] as const).map((scheme) => [width, scheme] as const),
);
test.each(looks)(
	'at %i pixels, %s, nothing of the dialog sticks out, and axe objects to nothing',
	async (width, colorScheme) => {
		const viewport = { width, height: 900 };
		const context = await visits.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
		const page = await context.newPage();
		await page.goto(`${visits.url}?method=self-instruct`);
		await page.getByRole('button', { name: 'Self-Instruct' }).first().click();
		await page.getByText('is not in this browser yet').waitFor();
		await page.getByLabel(/^critic /).selectOption({ label: 'A fixed text' });
		await page.getByLabel(/^judge /).selectOption({ label: 'A server (leaves this tab)' });
		await page.getByLabel('judge: which').fill('http://localhost:8000/v1');
		await page.keyboard.press('Tab');
		await page.getByRole('alert').filter({ hasText: 'Which model?' }).waitFor();
		await page.getByLabel('judge: which').fill(`${server.url}/v1#small`);
		await page.keyboard.press('Tab');
		await page.getByText(/are sent to the server named here/).waitFor();
		const excess = await page
			.getByRole('dialog')
			.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
		expect(excess).toBeLessThanOrEqual(0);
		expect(await violationsOf(page)).toEqual([]);
	},
);
