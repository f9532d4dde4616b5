/** @file The demo as a visitor runs it: the built page in Chromium, one click on Evolve, five seeds, what the run's record says. */
import { execFileSync } from 'node:child_process';
import type { Score } from '#loop/types.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { openBrowser, readNewestRun, servePreview } from '../tests/e2e/site.ts';

interface DemoFigure {
	readonly figure: string;
	readonly [name: string]: unknown;
}

export async function benchmarkDemo(
	knobs: Readonly<Record<string, string>>,
	title: string,
	seeds: readonly number[] = [1, 2, 3, 4, 5],
	minutes = 5,
	/** Told after every seed, so that a bench cut short keeps what it has. */
	keep: (figures: readonly DemoFigure[]) => Promise<void> = () => Promise.resolve(),
): Promise<readonly DemoFigure[]> {
	execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
	const [site, browser] = await Promise.all([servePreview(), openBrowser()]);
	const figures: DemoFigure[] = [];
	for (const seed of seeds) {
		const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
		const page = await context.newPage();
		const query = new URLSearchParams({ seed: String(seed), ...knobs }).toString();
		await page.goto(`${site.url}?${query}`);
		await page.getByRole('button', { name: 'Evolve', exact: true }).click();
		const began = performance.now();
		const moves: string[] = [];
		let run: RunRecord<unknown, Score> | null = null;
		let scores = 0;
		while (performance.now() - began < minutes * 60_000) {
			await page.waitForTimeout(1000);
			run = await readNewestRun(page).catch(() => null);
			const last = run?.scores.at(-1);
			if (run && last && run.scores.length > scores) {
				scores = run.scores.length;
				moves.push(`${((performance.now() - began) / 1000).toFixed(0)} s: ${last.frontier}`);
				console.log(title, seed, moves.at(-1));
			}
			if (run?.status === 'finished' || run?.status === 'failed') break;
		}
		const first = run?.scores[0];
		const last = run?.scores.at(-1);
		figures.push({
			figure: `${title}, seed ${seed}`,
			status: run?.status ?? 'no run',
			frontier: `${first?.frontier ?? '?'} → ${last?.frontier ?? '?'}`,
			moves,
			labels: run?.truths.map((row) => `${row.correct}/${row.judged}`) ?? [],
			believed: run?.truths.map((row) => row.believed.toFixed(2)) ?? [],
			after: last?.cells.map((c) => `${c.difficulty} ${c.stratum} ${c.correct}/${c.n}`) ?? [],
		});
		await keep(figures);
		await context.close();
	}
	await browser.close();
	await site.close();
	return figures;
}
