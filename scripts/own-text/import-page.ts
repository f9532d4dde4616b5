/**
 * @file Import of a large file in the page: 100,000 rows of JSONL, some 80 MB, given on Teach as a person gives them. Needs the
 * built site (`npx vite build`).
 */
import { mkdir, open } from 'node:fs/promises';
import { derive, random } from '#base/random.ts';
import { openBrowser, servePreview } from '../../tests/e2e/site.ts';

type Told = Readonly<Record<string, unknown>> & { readonly figure: string };

const rows = 100_000;
const longTaskMs = 50;

export async function importInPage(seed: number): Promise<Told> {
	await mkdir('.cache/own-text', { recursive: true });
	const path = `.cache/own-text/rows-${seed}.jsonl`;
	const bytes = await writeRows(path, seed);
	const [site, browser] = await Promise.all([servePreview(), openBrowser()]);
	try {
		const page = await (
			await browser.newContext({ viewport: { width: 1280, height: 900 } })
		).newPage();
		await page.goto(`${site.url}#/teach`);
		const input = page.locator('input[type=file][accept*=".jsonl"]');
		await input.waitFor({ state: 'attached' });
		await page.evaluate(() => {
			const seen = globalThis as unknown as { tasks: number[] };
			seen.tasks = [];
			new PerformanceObserver((list) => {
				for (const { duration } of list.getEntries()) seen.tasks.push(duration);
			}).observe({ type: 'longtask' });
		});
		const began = performance.now();
		await input.setInputFiles(path);
		await page.getByText(/^Reading .*rows …$/).waitFor({ timeout: 60_000 });
		const preview = performance.now() - began;
		await page.getByText('100,000 rows were read.').waitFor({ timeout: 600_000 });
		const whole = performance.now() - began;
		const { tasks, memory } = await page.evaluate(async () => {
			const { tasks } = globalThis as unknown as { tasks: readonly number[] };
			const measured = performance as unknown as {
				measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }>;
			};
			const memory = (await measured.measureUserAgentSpecificMemory?.())?.bytes;
			return { tasks: [...tasks], memory };
		});
		return {
			figure: `Import of ${rows.toLocaleString('en')} rows in the page, ${(bytes / 1e6).toFixed(0)} MB of JSONL`,
			previewSeconds: preview / 1000,
			wholeSeconds: whole / 1000,
			longestTaskMs: Math.max(0, ...tasks),
			tasksOver50Ms: tasks.filter((ms) => ms > longTaskMs).length,
			tabBytesAfter: memory,
		};
	} finally {
		await browser.close();
		await site.close();
	}
}

/** Rows of 800 bytes, none like another; resolves with the size of the file. */
async function writeRows(path: string, seed: number): Promise<number> {
	const file = await open(path, 'w');
	const draw = random(derive(seed, 'import'));
	const word = (): string => draw.integer(0, 36 ** 5).toString(36);
	let bytes = 0;
	for (let from = 0; from < rows; from += 1000) {
		const lines = Array.from({ length: 1000 }, (_, i) => {
			const [asked, said] = [20, 100].map((count) => Array.from({ length: count }, word).join(' '));
			return `${JSON.stringify({ prompt: `${from + i} ${asked ?? ''}?`, completion: said })}\n`;
		}).join('');
		bytes += lines.length;
		await file.write(lines);
	}
	await file.close();
	return bytes;
}
