/**
 * @file The main figure of `own-text` in the page: a model and a folder of notes given to Chromium, Train and Examine pressed,
 * no knob touched. The adapter is then read from the browser's private files, and asked for the facts.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { openAdapterStore } from '#chat/adapters.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { openModelPath } from '#platform/node-files.ts';
import { openLarge } from '#platform/open-model.ts';
import { unseal } from '#storage/files/seal.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { nameOfFlat } from '#storage/runs/references.ts';
import type { Files } from '#storage/runs/store.ts';
import { openProjectStore } from '#teach/project-store.ts';
import { openBrowser, servePreview } from '../../tests/e2e/site.ts';
import { diaryOf, type Diary } from './diary.ts';
import { askFacts, learnt } from './facts.ts';
import { folderFiles } from './folder-files.ts';

type Told = Readonly<Record<string, unknown>> & { readonly figure: string };

interface PageOptions {
	readonly seed: number;
	readonly notes: number;
	/** The GGUF file. */
	readonly file: string;
	/** Ticks "Faster, but it learns less". */
	readonly fast: boolean;
}

/** No lesson takes longer. */
const mostMs = 3 * 3600 * 1000;

export async function pageFigure({ seed, notes, file, fast }: PageOptions): Promise<Told> {
	const at = `.cache/own-text/page-${seed}-${notes}${fast ? '-fast' : ''}`;
	await mkdir(at, { recursive: true });
	execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
	const diary = diaryOf(seed, notes);
	const [project, adapters] = [folderFiles(`${at}/project`), folderFiles(`${at}/adapters`)];
	const minutes = await inPage(diary, file, fast, async (page) => {
		await keepFiles(page, 'evolvarium-teach', project);
		await keepFiles(page, 'evolvarium-adapters', adapters);
	});
	const stored = await openProjectStore(project).load();
	const lesson = stored?.project.lesson;
	if (lesson?.adapter === undefined) throw new Error('nothing was learnt');
	const files = await openModelPath(file);
	const close = async (): Promise<void> => {
		for (const one of files) await one.close();
	};
	const large = await openLarge({ files, close }, 'page', {
		runtime: () => Promise.resolve(openNodeRuntime(2)),
		kernel: () => openNodeKernel(2),
	});
	const model = await large.openEngine();
	const store = openAdapterStore(adapters, openMemoryStore());
	const adapter = await store.load({ kind: 'tuned', id: lesson.adapter }, lesson.model, model.spec);
	const answers = await askFacts(model, adapter, diary);
	await model.dispose();
	await writeFile(`${at}/answers.json`, JSON.stringify(answers, undefined, '\t'));
	return {
		figure: `From ${notes} notes to the verdict in Chromium, ${fast ? '“Faster” ticked' : 'no knob touched'}, seed ${seed}`,
		steps: lesson.points.length,
		...learnt(answers, lesson),
		...minutes,
		secondsOfSteps: lesson.points.reduce((sum, { durationMs }) => sum + durationMs / 1000, 0),
	};
}

/** Minutes from the folder given to the verdict, of which until it was trained. */
async function inPage(
	diary: Diary,
	file: string,
	fast: boolean,
	keep: (page: Page) => Promise<void>,
): Promise<{ readonly minutesToTheVerdict: number; readonly minutesToTheAdapter: number }> {
	const [site, browser] = await Promise.all([servePreview(), openBrowser()]);
	try {
		const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
		const page = await context.newPage();
		page.setDefaultTimeout(120_000);
		await page.goto(`${site.url}#/models`);
		await page.getByLabel('Model files').setInputFiles(file);
		await page.getByText(/is here\. It stays/).waitFor();
		await page.goto(`${site.url}#/teach`);
		const input = page.locator('input[type=file][accept*=".jsonl"]');
		await input.waitFor({ state: 'attached' });
		const began = performance.now();
		const minutes = (): number => (performance.now() - began) / 60_000;
		await input.setInputFiles(
			diary.notes.map((note, i) => ({
				...{ name: `${String(i + 1).padStart(2, '0')}.txt`, mimeType: 'text/plain' },
				buffer: Buffer.from(note),
			})),
		);
		const press = (name: string): Promise<void> =>
			page.getByRole('button', { name, exact: true }).click({ timeout: mostMs });
		await press('Look at the rows');
		await press('Go on to training');
		if (fast) await page.getByLabel('Faster, but it learns less').check();
		await press('Train');
		const shown = setInterval(() => {
			void page
				.locator('main [role=status], main [role=progressbar]')
				.allTextContents()
				.then((all) => console.error(minutes().toFixed(1), 'min', all.join(' ').trim()))
				.catch(() => undefined);
		}, 60_000);
		await press('Examine it');
		const trained = minutes();
		await press('Examine');
		await page.locator('.verdict').waitFor({ timeout: mostMs });
		clearInterval(shown);
		const whole = minutes();
		await keep(page);
		return { minutesToTheVerdict: whole, minutesToTheAdapter: trained };
	} finally {
		await browser.close();
		await site.close();
	}
}

/** Copies a store of the browser's private file system to the disk. */
async function keepFiles(page: Page, home: string, to: Files): Promise<void> {
	const all = await page.evaluate(async (home) => {
		const root = await navigator.storage.getDirectory();
		const folder = await (await root.getDirectoryHandle(home)).getDirectoryHandle('files');
		const found: [name: string, bytes: string][] = [];
		for await (const [name, handle] of folder.entries()) {
			if (!(handle instanceof FileSystemFileHandle)) continue;
			const file = await handle.getFile();
			const url = await new Promise<string>((resolve) => {
				const reader = new FileReader();
				reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '');
				reader.readAsDataURL(file);
			});
			found.push([name, url.slice(url.indexOf(',') + 1)]);
		}
		return found;
	}, home);
	for (const [flat, bytes] of all) {
		const name = nameOfFlat(flat);
		await to.write(name, await unseal(name, Buffer.from(bytes, 'base64')));
	}
}
