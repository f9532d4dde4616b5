/** @file What page and workers may not do: run text as code, load another host's code, ask a server that was not chosen, stand in a frame. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page, Worker } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { servePlain, servePreview, type Site } from './site.ts';
import { useVisits } from './visits.ts';

/** A host that lets every page load everything: only the page's own policy stands in the way. */
interface Stranger extends Site {
	readonly asked: string[];
}

async function startStranger(): Promise<Stranger> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(request.url ?? '');
		response.writeHead(200, {
			'Content-Type': 'text/javascript',
			'Access-Control-Allow-Origin': '*',
			'Cross-Origin-Resource-Policy': 'cross-origin',
		});
		response.end('export const ran = true;');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
		asked,
		close: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

const dist = new URL('../../dist/', import.meta.url);

/** The scripts of all workers of the build, found as what a bundle calls a worker. */
function workerScripts(): readonly string[] {
	const names =
		/^(?:worker|ort-worker|browser-thread|sandbox-worker|local-server-worker)-[\w-]{8}\.js$/;
	return ['assets', 'local'].flatMap((folder) =>
		readdirSync(new URL(folder, dist))
			.filter((name) => names.test(name))
			.map((name) => `${folder}/${name}`),
	);
}

let stranger: Stranger;
beforeAll(async () => {
	stranger = await startStranger();
});
beforeEach(() => {
	stranger.asked.length = 0;
});
afterAll(() => stranger.close());

/** What page or worker did when it was asked to break out. */
interface Outcome {
	readonly evaluated: string;
	readonly imported: string;
	readonly fetched: string;
	/** A connection to a peer, which `connect-src` does not cover. */
	readonly peered: string;
}

/**
 * Runs in page or worker. The protocol of the browser lets its own expressions `eval`, so all is done in a later task; and
 * it is text, since Vitest would replace the `import()` of a function.
 */
const breakOut = (target: Page | Worker, url: string): Promise<Outcome> =>
	(target as Page).evaluate<Outcome>(`new Promise((resolve) => {
		const attempt = async (act) => {
			try {
				await act();
				return 'done';
			} catch {
				return 'refused';
			}
		};
		setTimeout(async () => {
			resolve({
				evaluated: await attempt(() => (0, eval)('1 + 1')),
				imported: await attempt(() => import('${url}module.js')),
				fetched: await attempt(() => fetch('${url}fetched')),
				peered: await attempt(() => new RTCPeerConnection().close()),
			});
		});
	})`);

const refused: Outcome = {
	evaluated: 'refused',
	imported: 'refused',
	fetched: 'refused',
	peered: 'refused',
};

/** A run under way, with the workers that it has. */
async function running(page: Page, url: string): Promise<readonly Worker[]> {
	await page.goto(url);
	await page.getByRole('button', { name: 'Evolve', exact: true }).click();
	const kinds = (): readonly string[] => [
		...new Set(page.workers().map((worker) => nameOf(worker.url()))),
	];
	await expect.poll(kinds, { timeout: 60_000 }).toEqual(expect.arrayContaining(['ort-worker']));
	return page.workers();
}

const nameOf = (url: string): string => /\/([\w-]+?)-[\w-]{8}\.js/.exec(url)?.[1] ?? url;

describe.each([
	['a host with headers', () => servePreview(), 'allow'],
	['a host with headers and no service worker', () => servePreview(), 'block'],
	['a host without headers', () => servePlain('/some/where/'), 'allow'],
] as const)('on %s', (_name, serve, serviceWorkers) => {
	const visits = useVisits(serve);

	test('page, training worker and pool members run no text and no code of another host', async () => {
		const context = await visits.newContext({ serviceWorkers });
		const page = await context.newPage();
		const workers = await running(page, visits.url);
		expect(await breakOut(page, stranger.url)).toEqual(refused);
		for (const worker of workers)
			expect(await breakOut(worker, stranger.url), worker.url()).toEqual(refused);
		expect(new Set(workers.map((worker) => nameOf(worker.url())))).toEqual(
			new Set(['worker', 'ort-worker']),
		);
		expect(stranger.asked).toEqual([]);
	});

	test.each(workerScripts())('the worker of %s is bound too', async (script) => {
		const context = await visits.newContext({ serviceWorkers });
		const page = await context.newPage();
		await page.goto(visits.url);
		await page.locator('h1').first().waitFor();
		if (serviceWorkers === 'allow') await page.waitForFunction(isRuled);
		await page.evaluate((path) => {
			new Worker(new URL(path, document.baseURI), { type: 'module' });
		}, script);
		await expect.poll(() => page.workers().length).toBe(1);
		const [worker] = page.workers();
		expect(worker && (await breakOut(worker, stranger.url))).toEqual(refused);
		expect(stranger.asked).toEqual([]);
	});
});

/** In the page: a service worker answers for it, and it will not reload for isolation any more. */
const isRuled = (): boolean =>
	crossOriginIsolated &&
	navigator.serviceWorker.controller !== null &&
	document.querySelector('h1') !== null;

describe('the page', () => {
	const visits = useVisits();

	test('is what stands in the way: a page without its policy can do all of it', async () => {
		const context = await visits.newContext();
		const page = await context.newPage();
		await page.goto(stranger.url);
		expect(await breakOut(page, stranger.url)).toEqual({
			evaluated: 'done',
			imported: 'done',
			fetched: 'done',
			peered: 'done',
		});
	});

	test('is shown in no frame of another page', async () => {
		const context = await visits.newContext();
		const page = await context.newPage();
		await page.goto(stranger.url);
		await page.evaluate((url) => {
			const frame = document.createElement('iframe');
			frame.src = url;
			document.body.append(frame);
		}, visits.url);
		await page.waitForTimeout(1000);
		const texts = await Promise.all(
			page.frames().map((frame) => frame.evaluate(() => document.body.innerText).catch(() => '')),
		);
		expect(texts.filter((text) => text.includes('Evolvarium'))).toEqual([]);
	});

	test('takes no text as HTML, and no address of another host as a script', async () => {
		const context = await visits.newContext();
		const page = await context.newPage();
		await page.goto(visits.url);
		await page.locator('h1').first().waitFor();
		const outcome = await page.evaluate(() => {
			const attempt = (act: () => unknown): string => {
				try {
					act();
					return 'done';
				} catch (error) {
					return error instanceof TypeError ? 'refused' : String(error);
				}
			};
			const script = document.createElement('script');
			return {
				html: attempt(() => (document.createElement('div').innerHTML = '<b>bold</b>')),
				script: attempt(() => (script.src = 'https://host.example/a.js')),
				policy: attempt(() =>
					(
						Reflect.get(window, 'trustedTypes') as { createPolicy(name: string): void }
					).createPolicy('mine'),
				),
			};
		});
		expect(outcome).toEqual({ html: 'refused', script: 'refused', policy: 'refused' });
	});

	test('tells no other host its address', async () => {
		const context = await visits.newContext();
		const page = await context.newPage();
		await page.goto(visits.url);
		expect(await page.evaluate(() => document.referrer)).toBe('');
		const policy = await page.locator('meta[name=referrer]').getAttribute('content');
		expect(policy).toBe('no-referrer');
		expect((await fetch(visits.url)).headers.get('referrer-policy')).toBe('no-referrer');
	});

	test('asks a server on this machine from no script but the one made for it', async () => {
		const context = await visits.newContext();
		const page = await context.newPage();
		await page.goto(visits.url);
		await page.waitForFunction(isRuled);
		const [script = ''] = workerScripts().filter((path) => path.startsWith('local/'));
		const asked = (server: string): Promise<string> =>
			page.evaluate(
				([path, origin, url]) =>
					new Promise<string>((resolve) => {
						const address = new URL(path, document.baseURI);
						address.searchParams.set('server', origin);
						const worker = new Worker(address, { type: 'module' });
						worker.onmessage = ({ data }: MessageEvent<{ type: string }>) => {
							resolve(data.type);
						};
						const init = { method: 'GET', headers: {} };
						worker.postMessage({ type: 'fetch', id: 0, url, init });
					}),
				[script, server, `${stranger.url}v1/models`] as const,
			);
		const { origin } = new URL(stranger.url);
		expect(await asked('http://127.0.0.1:1')).toBe('failed');
		expect(stranger.asked).toEqual([]);
		expect(await asked(origin)).toBe('head');
		expect(stranger.asked).toEqual(['/v1/models']);
	});
});

test('a host that reads `_headers` is told the same', async () => {
	const text = await readFile(new URL('_headers', dist), 'utf8');
	const [, local = ''] = text.split('/local/*');
	expect(local).toContain('connect-src http://localhost:* http://127.0.0.1:*');
	expect(text.slice(0, text.indexOf('/local/*'))).not.toContain('localhost');
	expect(text).toContain("frame-ancestors 'none'");
});
