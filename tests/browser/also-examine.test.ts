/** @file What a run examines beside its own environment: chosen in the dialog, drawn beside the map. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { emptyRun, opening, runId, score, start, training } from '../ui/events.ts';
import { button, openPage, text, type OpenPage } from '../ui/open-page.ts';

let opened: OpenPage;
beforeEach(() => {
	localStorage.clear();
});
afterEach(() => opened.close());

test('another environment is chosen for the next run, and asked for with it', async () => {
	opened = openPage('?environment=reversal');
	await button('Easy-to-hard self-training').click();
	const box = page.getByRole('checkbox', { name: 'Copying (direction=copy)' });
	await box.click();
	await expect.element(box).toBeChecked();
	expect(opened.app.setup.query).toBe(
		'environment=reversal&alsoExamine=reversal%3Adirection%3Dcopy',
	);
	await button('Done').click();
	await button('Evolve').click();
	await expect
		.poll(() => opened.session.told)
		.toEqual([
			'start {"method":"easy-to-hard","environment":"reversal","seed":1,"rounds":9,"knobs":{},"alsoExamine":["reversal:direction=copy"]}',
		]);
});

test('its accuracy stands below the map, at the start and now', async () => {
	opened = openPage();
	const place = (correct: number) => ({
		elsewhere: [
			{ environment: 'sorting', cells: [{ difficulty: 1, stratum: 'all', correct, n: 200 }] },
		],
	});
	const scores = [
		{ ...start, ...place(104) },
		{ ...score(1, [200, 199, 196, 199, 196], 5), ...place(102) },
	];
	await button('Evolve').click();
	opened.say(opening, [{ type: 'run', run: { ...emptyRun, scores } }]);
	// It is loaded with the first run that examines elsewhere.
	await expect
		.poll(() => text('.accuracy'))
		.toContain(
			'Elsewhere: sorting 52 % (104 of 200, 45–59 %) → 51 % (102 of 200, 44–58 %), after round 1.',
		);
});

test('its questions are no squares of the map', async () => {
	opened = openPage();
	await button('Evolve').click();
	opened.say(opening);
	const before = document.querySelectorAll('.square:not(.none)').length;
	const cell = { difficulty: 29, stratum: 'all', correct: 1, n: 2 };
	const progress = { kind: 'examined', t: 1, cell, environment: 'sorting' } as const;
	opened.say([{ type: 'progress', runId, progress, secondsLeft: null }]);
	expect(document.querySelectorAll('.square:not(.none)').length).toBe(before);
	expect(opened.app.world.exam).toEqual([]);
});

test('what the objective measures stands below the learning curve', async () => {
	opened = openPage();
	await button('Evolve').click();
	const measured = training.map((event) =>
		event.type === 'progress' && event.progress.kind === 'trained'
			? { ...event, progress: { ...event.progress, metrics: { kl: 0.5, accuracy: 0.75 } } }
			: event,
	);
	opened.say(opening, measured);
	expect(document.body.textContent).toContain('In the last steps: kl 0.5, accuracy 0.75.');
});

test('a cell is swapped on the map: the recipe, the address and the run that begins have it', async () => {
	opened = openPage('?method=lmsi');
	location.hash = '#/map';
	const leaf = (name: RegExp) => page.getByRole('button', { name });
	await leaf(/^Selective tasks/).click();
	await button('Put in: Tasks by learnability').click();
	await expect
		.poll(() => text('dialog [role=status]'))
		.toBe('Tasks by learnability is in the recipe of the next run.');
	expect(text('dialog')).toContain('While it learns, the run is then no longer told the truth.');
	await page.getByRole('button', { name: 'Close' }).click();
	// Where what a cell needs is missing, the reason stands in the place of the button.
	await leaf(/^Self-play solutions/).click();
	expect(text('dialog')).toMatch(
		/It needs a game of several seats, which Addition does not have\./,
	);
	await page.getByRole('button', { name: 'Close' }).click();
	expect(opened.app.setup.query).toBe('method=lmsi&cells=learnability');
	location.hash = '#/';
	await expect.element(button('Tasks by learnability')).toBeVisible();
	await button('Evolve').click();
	await expect
		.poll(() => opened.session.told)
		.toEqual([
			'start {"method":"lmsi","environment":"addition","seed":1,"rounds":3,"cells":["learnability"],"knobs":{}}',
		]);
});

test('a problem and an answer typed in the gallery are verified, with the reason', async () => {
	opened = openPage();
	location.hash = '#/gallery?environment=addition';
	const answer = page.getByRole('textbox', { name: 'Your answer' });
	await page.getByRole('textbox', { name: 'A problem of your own' }).fill('357 + 864');
	await answer.fill('1121');
	await button('Verify').click();
	await expect
		.poll(() => text('form [role=status]'))
		.toMatch(/^✗ wrong: it .+; right would be 1221\.$/);
	await answer.fill('1221');
	await button('Verify').click();
	await expect.poll(() => text('form [role=status]')).toBe('✓ correct.');
	location.hash = '#/';
});

test('errors that an examination named stand under the map, at the start and now', async () => {
	opened = openPage();
	const wrong = (n: number) => [{ fault: 'drops a carry', n }];
	const named = (one: typeof start, n: number) => ({
		...one,
		cells: one.cells.map((cell, i) => (i === 0 ? { ...cell, faults: wrong(n) } : cell)),
	});
	const after = {
		...named(score(1, [200, 199, 196, 199, 196], 5), 2),
		findings: ['At 10 digits 4 of 200 sums are wrong.'],
	};
	await button('Evolve').click();
	opened.say(opening, [{ type: 'run', run: { ...emptyRun, scores: [named(start, 40), after] } }]);
	await expect
		.poll(() => text('[aria-labelledby=findings-title]'))
		.toMatch(/At 10 digits 4 of 200 sums are wrong\..*drops a carry ?40 ?2/);
});
