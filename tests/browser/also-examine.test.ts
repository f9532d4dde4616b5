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
	expect(text('.accuracy')).toContain(
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
