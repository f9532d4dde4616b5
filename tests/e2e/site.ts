/** @file Serve the built site as a visitor's host would, and watch what a page of it does. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { chromium } from 'playwright';
import { preview } from 'vite';
import type { Score } from '#loop/types.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { chromiumArguments, findChromium, remedy } from '../../scripts/chromium.ts';

export interface Site {
	readonly url: string;
	close(): Promise<void>;
}

/** What a page did that a visitor should know of. */
export interface Watch {
	/** Every address asked for, in order. */
	readonly requests: string[];
	/** Uncaught errors and what was logged as an error. */
	readonly errors: string[];
	/** What the content security policy had to refuse. */
	violations(): Promise<readonly string[]>;
}

/** The two widths the page is held to: a laptop and a telephone. */
export const widths = [1280, 390] as const;

export async function openBrowser(): Promise<Browser> {
	const executablePath = findChromium();
	if (executablePath === null) throw new Error(remedy);
	return chromium.launch({ executablePath, args: [...chromiumArguments] });
}

/** The site with its headers, as `npm start` serves it. */
export async function servePreview(): Promise<Site> {
	const server = await preview({ preview: { port: 4300, strictPort: false }, logLevel: 'warn' });
	const url = server.resolvedUrls?.local[0];
	if (url === undefined) throw new Error('vite preview gave no address: is port 4300 free?');
	return { url, close: () => server.close() };
}

const types: Readonly<Record<string, string>> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.mjs': 'text/javascript',
	'.css': 'text/css',
	'.json': 'application/json',
	'.wasm': 'application/wasm',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.webmanifest': 'application/manifest+json',
};

/** The site under a sub-path of a host that sends no header but the type: the poorest host there is. */
export async function servePlain(
	prefix: string,
	root = fileURLToPath(new URL('../../dist', import.meta.url)),
	onSent: (path: string, bytes: number) => void = () => undefined,
): Promise<Site> {
	const server = createServer((request, response) => {
		const { pathname } = new URL(request.url ?? '/', 'http://localhost');
		if (!pathname.startsWith(prefix)) {
			response.writeHead(404).end();
			return;
		}
		const path = pathname.slice(prefix.length) || 'index.html';
		void readFile(join(root, normalize(decodeURIComponent(path)))).then(
			(bytes) => {
				const type = types[extname(path)] ?? 'application/octet-stream';
				onSent(path, bytes.length);
				response.writeHead(200, { 'Content-Type': type }).end(bytes);
			},
			() => response.writeHead(404).end(),
		);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}${prefix}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** Start watching a page; call it before the page goes anywhere. */
export async function watch(page: Page): Promise<Watch> {
	const requests: string[] = [];
	const errors: string[] = [];
	page.context().on('request', (request) => requests.push(request.url()));
	page.on('pageerror', (error) => errors.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error')
			errors.push(`${message.text()} ${message.location().url}`.trim());
	});
	await page.addInitScript(() => {
		const refused: string[] = [];
		Object.assign(globalThis, { refusedByPolicy: refused });
		document.addEventListener('securitypolicyviolation', (event) => {
			refused.push(`${event.violatedDirective}: ${event.blockedURI}`);
		});
	});
	return {
		requests,
		errors,
		violations: () =>
			page.evaluate(() => Reflect.get(globalThis, 'refusedByPolicy') as readonly string[]),
	};
}

/** Sums the layout shift of a page from now on, without what follows an input; call it before the page goes anywhere. */
export async function watchLayout(page: Page): Promise<() => Promise<number>> {
	await page.addInitScript(() => {
		Object.assign(globalThis, { layoutShift: 0 });
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries() as (PerformanceEntry & {
				readonly value: number;
				readonly hadRecentInput: boolean;
			})[])
				if (!entry.hadRecentInput)
					Object.assign(globalThis, {
						layoutShift: (Reflect.get(globalThis, 'layoutShift') as number) + entry.value,
					});
		}).observe({ type: 'layout-shift', buffered: true });
	});
	return () => page.evaluate(() => Reflect.get(globalThis, 'layoutShift') as number);
}

/** Requests that leave the page for anywhere but its own host. */
export function elsewhere(requests: readonly string[], url: string): readonly string[] {
	const { origin } = new URL(url);
	return requests.filter(
		(request) => !/^(data|blob):/.test(request) && !request.startsWith(origin),
	);
}

/** The newest run in the page's own database; null where there is none. */
export const readNewestRun = (page: Page): Promise<RunRecord<unknown, Score> | null> =>
	page.evaluate(
		() =>
			new Promise<never>((resolve, reject) => {
				const request = indexedDB.open('evolvarium');
				request.onerror = () => reject(new Error('no database'));
				request.onsuccess = () => {
					const all = request.result.transaction('runs').objectStore('runs').getAll();
					all.onsuccess = () => {
						request.result.close();
						const runs = (all.result as { run: { createdAt: number } }[]).map(({ run }) => run);
						resolve((runs.sort((a, b) => b.createdAt - a.createdAt)[0] ?? null) as never);
					};
				};
			}),
	);
