/** @file A tab killed at twenty random moments of a run: nothing finished is lost, and the weights are those of a calm run. */
import type { BrowserContext, Page } from 'playwright';
import { expect, test } from 'vitest';
import { derive, random } from '#base/random.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { readNewestRun } from './site.ts';
import { useVisits } from './visits.ts';

const kills = 20;
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

/** Weights are named in the state by the hash of their bytes. */
const essence = ({ status, recipe, state, scores, truths, curve }: RunRecord) => ({
	...{ status, recipe, state, scores, truths, curve },
});

test('killed at 20 random moments, a run keeps every finished step and ends with the same weights', async () => {
	const calm = await start();
	const whole = await endOf(calm.page);
	await calm.context.close();

	const draw = random(derive(7, 'kills'));
	const started = await start();
	const { context } = started;
	let { page } = started;
	let version = 0;
	let underWay = 0;
	for (let n = 0; n < kills; n++) {
		await page.waitForTimeout(200 + draw.next() * 1300);
		const before = await readNewestRun(page);
		if (before?.status === 'running') underWay++;
		await kill(page);
		page = await context.newPage();
		await page.goto(visits.url);
		const run = await readNewestRun(page);
		expect(run?.version, `after kill ${n + 1}`).toBeGreaterThanOrEqual(
			Math.max(before?.version ?? 0, version),
		);
		version = run?.version ?? 0;
	}
	// A fast machine may be done before the last kill.
	expect(underWay).toBeGreaterThan(0);
	expect(essence(await endOf(page))).toEqual(essence(whole));
}, 600_000);
