/**
 * @file Runs in a tab and in a terminal that are killed at random moments: nothing finished is lost, and each ends with the
 * weights of a calm run. `npm run kills -- --count N --seed S` does it more often than a test run does.
 */
import type { BrowserContext, Page } from 'playwright';
import { expect, test } from 'vitest';
import { derive, random } from '#base/random.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { readNewestRun } from './site.ts';
import { killTerminals } from './terminal-kills.ts';
import { useVisits } from './visits.ts';

const count = (name: string, otherwise: number): number =>
	Number(process.env[`EVOLVARIUM_${name}`] ?? otherwise);
const kills = count('KILLS', 8);
const seed = count('KILLS_SEED', 7);
/** A start of a terminal takes longer than that of a tab, and a kill there hits fewer parts. */
const inTerminal = Math.floor(kills * 0.4);
const inTab = kills - inTerminal;
/** Kills of one run. */
const perRun = 20;

/** Rounds short enough that every phase is hit, and enough of them that the last kill finds the run under way. */
const quick = new URLSearchParams({
	rounds: '8',
	agreement: 'off',
	problems: '24',
	views: '2',
	steps: '3',
	batch: '16',
	rank: '2',
	examined: '10',
	minKept: '4',
	replayProblems: '4',
	seed: '7',
}).toString();

const visits = useVisits();

async function start(): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
	const context = await visits.newContext();
	const page = await context.newPage();
	await page.goto(`${visits.url}?${quick}`);
	await page.getByRole('button', { name: 'Evolve', exact: true }).click();
	await page.getByRole('button', { name: 'Pause' }).waitFor();
	return { context, page };
}

/** The renderer dies at once, with its workers: no event, no last write. */
async function kill(page: Page): Promise<void> {
	const died = new Promise((resolve) => page.once('crash', resolve));
	const session = await page.context().newCDPSession(page);
	session.send('Page.crash').catch(() => undefined); // nobody is left to answer
	await died;
	await page.close();
}

async function endOf(page: Page): Promise<RunRecord> {
	await page.getByRole('button', { name: 'Evolve again' }).waitFor({ timeout: 300_000 });
	const run = await readNewestRun(page);
	if (!run) throw new Error('the run is lost');
	return run;
}

/** Milliseconds on a busy machine. */
function timeFor(some: number): number {
	return 300_000 + some * 30_000;
}

/** Weights are named in the state by the hash of their bytes. */
const essence = ({ status, recipe, state, scores, truths, curve }: RunRecord) => ({
	...{ status, recipe, state, scores, truths, curve },
});

test(
	`killed in a tab at ${inTab} random moments, runs keep every finished step and end with the same weights`,
	async () => {
		const calm = await start();
		const whole = await endOf(calm.page);
		await calm.context.close();

		const draw = random(derive(seed, 'kills'));
		let underWay = 0;
		for (let killed = 0; killed < inTab;) {
			const started = await start();
			const { context } = started;
			let { page } = started;
			let version = 0;
			const most = Math.min(inTab, killed + perRun);
			while (killed < most) {
				await page.waitForTimeout(200 + draw.next() * 1300);
				const before = await readNewestRun(page);
				if (before?.status === 'running') underWay++;
				await kill(page);
				killed++;
				page = await context.newPage();
				await page.goto(visits.url);
				const run = await readNewestRun(page);
				expect(run?.version, `after kill ${killed}`).toBeGreaterThanOrEqual(
					Math.max(before?.version ?? 0, version),
				);
				version = run?.version ?? 0;
			}
			expect(essence(await endOf(page))).toEqual(essence(whole));
			await context.close();
		}
		// A fast machine may be done before the last kill.
		expect(underWay).toBeGreaterThan(0);
	},
	timeFor(inTab),
);

test(
	`killed in a terminal at ${inTerminal} random moments, runs end with the same weights`,
	async () => {
		const { whole, ends, underWay } = await killTerminals(inTerminal, seed);
		for (const end of ends) expect(end).toEqual(whole);
		if (inTerminal > 0) expect(underWay).toBeGreaterThan(0);
	},
	timeFor(inTerminal),
);
