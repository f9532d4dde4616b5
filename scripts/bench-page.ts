/** @file How soon the page is there: first contentful paint from a cold cache, and the JavaScript that had to come first. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { openBrowser, servePreview } from '../tests/e2e/site.ts';

export interface PageFigure {
	readonly [name: string]: unknown;
	readonly figure: string;
	readonly firstPaint: readonly number[];
	readonly headline: readonly number[];
	readonly javascriptKilobytesGzipped: number;
	readonly files: number;
}

export async function benchmarkPage(): Promise<readonly PageFigure[]> {
	execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
	const [site, browser] = await Promise.all([servePreview(), openBrowser()]);
	const firstPaint: number[] = [];
	const headline: number[] = [];
	let scripts: readonly string[] = [];
	for (let i = 0; i < 5; i++) {
		const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
		const page = await context.newPage();
		await page.goto(site.url);
		await page.locator('h1').first().waitFor();
		const seen = await page.evaluate(() => ({
			paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
			now: performance.now(),
			scripts: performance
				.getEntriesByType('resource')
				.filter(({ name }) => /\.m?js$/.test(new URL(name).pathname))
				.map(({ name }) => name),
		}));
		firstPaint.push(seen.paint);
		headline.push(seen.now);
		scripts = seen.scripts;
		await context.close();
	}
	await browser.close();
	await site.close();
	let bytes = 0;
	for (const url of scripts) {
		const path = `dist/${new URL(url).pathname.replace(/^\//, '')}`;
		bytes += gzipSync(await readFile(path)).length;
	}
	return [
		{
			figure: 'Cold page on localhost',
			firstPaint,
			headline,
			javascriptKilobytesGzipped: bytes / 1000,
			files: scripts.length,
		},
	];
}
