/** @file The page says what is so: a worker that spins or is closed, two tabs, a late recording, data that was cleared. */
import type { Page, Worker } from 'playwright';
import { expect, test } from 'vitest';
import { readNewestRun } from './site.ts';
import { useVisits } from './visits.ts';

/** Long enough to be under way until the test has seen what it wants. */
const long = new URLSearchParams({
	...{ rounds: '60', problems: '40', steps: '4', examined: '10', seed: '3' },
}).toString();

const visits = useVisits();

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const versionOf = async (page: Page): Promise<number> => (await readNewestRun(page))?.version ?? 0;

async function begin(page: Page): Promise<void> {
	await page.goto(`${visits.url}?${long}`);
	await button(page, 'Evolve').click();
	await button(page, 'Pause').waitFor();
	await expect.poll(() => versionOf(page), { timeout: 60_000 }).toBeGreaterThan(1);
}

/** The page's session worker, as Playwright knows it. */
function sessionWorker(page: Page): Worker {
	const found = page.workers().find((worker) => /\/worker-[^/]*\.js$/.test(worker.url()));
	if (!found)
		throw new Error(
			`no session worker among ${page
				.workers()
				.map((w) => w.url())
				.join()}`,
		);
	return found;
}

/** In a task of its own: Chromium cannot end a worker in the middle of a debugger's evaluation. */
const spin = (worker: Worker): Promise<void> =>
	worker.evaluate(() => {
		setTimeout(() => {
			for (;;);
		});
	});

test.each(['spins', 'is closed'])(
	'a worker that %s is replaced without a reload, and the run goes on by itself',
	async (how) => {
		const page = await (await visits.newContext()).newPage();
		await begin(page);
		const before = await versionOf(page);
		await page.evaluate(() => {
			new MutationObserver(() => {
				if (/another tab/i.test(document.body.textContent))
					document.body.dataset['elsewhere'] = 'yes';
			}).observe(document.body, { subtree: true, childList: true, characterData: true });
		});
		const worker = sessionWorker(page);
		if (how === 'spins') await spin(worker);
		else await worker.evaluate(() => self.close()).catch(() => undefined);
		const said = page.locator('.banner');
		await said.waitFor({ timeout: 20_000 });
		expect(await said.innerText()).toContain('the run goes on from its last finished step');
		await button(page, 'Pause').waitFor();
		await expect.poll(() => versionOf(page), { timeout: 60_000 }).toBeGreaterThan(before + 1);
		// Its own dead worker held the lock for a moment; no other tab trained.
		expect(await page.locator('body').getAttribute('data-elsewhere')).toBeNull();
	},
);

test('Stop ends a run whose worker spins', async () => {
	const page = await (await visits.newContext()).newPage();
	await begin(page);
	await spin(sessionWorker(page));
	await button(page, 'Stop').click();
	await button(page, 'New run').waitFor({ timeout: 15_000 });
	// Chromium takes some seconds to end a worker that spins, and its lock is free only then.
	const status = async () => (await readNewestRun(page))?.status;
	await expect.poll(status, { timeout: 15_000 }).toBe('stopped');
});

test('Evolve pressed before the recording came shows the live run, which can be stopped', async () => {
	const page = await (await visits.newContext({ serviceWorkers: 'block' })).newPage();
	let sent = false;
	await page.route('**/recordings/default.json', async (route) => {
		await new Promise((resolve) => setTimeout(resolve, 4000));
		await route.continue();
		sent = true;
	});
	await page.goto(`${visits.url}?${long}`);
	await button(page, 'Evolve').click();
	await expect.poll(() => sent, { timeout: 30_000 }).toBe(true);
	await page.waitForTimeout(1500);
	expect(await page.locator('.mark').innerText()).toContain('Live');
	await button(page, 'Stop').click();
	await button(page, 'New run').waitFor();
});

test('a second tab says where the run is, stops it there, and goes on when that tab is closed', async () => {
	const first = await (await visits.newContext()).newPage();
	await begin(first);
	const second = await first.context().newPage();
	await second.goto(visits.url);
	await second.getByText('your own run, in another tab.').waitFor();
	await button(second, 'Pause').click();
	await button(first, 'Go on').waitFor({ timeout: 60_000 });
	await button(second, 'Go on').click();
	await button(first, 'Pause').waitFor();
	const before = await versionOf(second);
	await first.close({ runBeforeUnload: false });
	await second.getByText('your own run, in this tab.').waitFor();
	await expect.poll(() => versionOf(second), { timeout: 60_000 }).toBeGreaterThan(before + 1);
	await button(second, 'Stop').click();
	await button(second, 'New run').waitFor();
});

test('with the site data cleared in mid-run there is nothing to go on with', async () => {
	const page = await (await visits.newContext()).newPage();
	await begin(page);
	const session = await page.context().newCDPSession(page);
	const { origin } = new URL(visits.url);
	await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
	await page.locator('.banner, .note[role=status]').first().waitFor({ timeout: 60_000 });
	await button(page, 'Evolve').waitFor();
	expect(await button(page, 'Go on').count()).toBe(0);
});
