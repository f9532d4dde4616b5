/** @file The World page in a real browser: what events make of it, and whether everyone can use it. */
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import type { SessionEvent } from '#runs/session.ts';
import {
	acquiring,
	emptyRun,
	ending,
	opening,
	recording,
	refining,
	runId,
	start,
	stateAt,
	training,
	undoing,
} from '../ui/events.ts';
import { dialogue } from '../ui/stored-runs.ts';
import { button, openPage, text, type OpenPage } from '../ui/open-page.ts';

let opened: OpenPage;
beforeEach(() => {
	localStorage.clear();
});
afterEach(() => opened.close());

describe('what a run makes of the page', () => {
	beforeEach(async () => {
		opened = openPage();
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.length).toBe(1);
	});

	test('the examination at the start is the start line', () => {
		opened.say(opening);
		expect(text('h1')).toBe('This model can add 3 digits. It is teaching itself 4.');
		expect(text('.middle strong')).toBe('3');
		expect(document.querySelectorAll('.accuracy .square.frontier').length).toBe(1);
		expect(text('.accuracy .square.frontier')).toBe('96');
	});

	test('dots appear as answers are given', () => {
		opened.say(opening, acquiring);
		expect(text('h1')).toBe('This model can add 3 digits. It is teaching itself 4.');
		expect(text('.caption')).toContain('It answers 10 sums of 4 digits, each in 5 ways: 25 of 50');
		expect(text('.caption')).toContain('About 2 min to go.');
		expect(document.querySelectorAll('.dot.flowing').length).toBe(5);
	});

	test('dots set aside fall, kept ones stay, and the counts say so', () => {
		opened.say(opening, acquiring, refining);
		expect(document.querySelectorAll('.dot.fallen').length).toBe(4);
		expect(document.querySelectorAll('.dot.kept').length).toBe(6);
		expect(text('.dome')).toContain('set aside 4');
		expect(text('.label.refine')).toContain('6 of 10 kept');
	});

	test('the truth meter shows what it believes and what is true, with the interval', () => {
		opened.say(opening, acquiring, refining);
		const meter = text('.meter');
		expect(meter).toContain('believes 97 %');
		expect(meter).toMatch(/really 100 % 61–100/);
	});

	test('training draws the curve and lands the dots', () => {
		opened.say(opening, acquiring, refining, training);
		expect(text('.caption')).toContain('step 5 of 10');
		expect(document.querySelectorAll('.dot.landed').length).toBe(3);
		expect(document.querySelectorAll('path.loss').length).toBe(1);
	});

	test('at the end it says what it began with and what it can do now', () => {
		opened.say(opening, acquiring, refining, training, ending);
		expect(text('h1')).toBe(
			'This model can add 5 digits. It began at 3 and taught itself the rest.',
		);
		expect(text('.kept.lost')).toBe('');
		expect(text('.dome')).toContain('trained on 6');
		expect(button('Evolve again').query()).not.toBeNull();
		expect(button('3 more rounds').query()).not.toBeNull();
	});

	test('forgetting shows in the map', () => {
		const worse = ending.map((event) =>
			event.type === 'committed' && event.score
				? {
						...event,
						score: {
							...event.score,
							cells: event.score.cells.map((c) =>
								c.difficulty === 2 ? { ...c, correct: 150 } : c,
							),
						},
					}
				: event,
		);
		opened.say(opening, acquiring, refining, training, worse);
		expect(text('.kept.lost')).toContain('forgetting');
	});

	test('a round that was undone is marked, says why, and counts for nothing', () => {
		opened.say(opening, acquiring, refining, training, undoing);
		const why = 'Round 1 was undone: difficulty 2 (equal) fell from 199 of 200 to 150 of 200.';
		expect(text('h1')).toBe('This model can add 3 digits. It is teaching itself 4.');
		expect(text('.middle strong')).toBe('3');
		expect(text('.caption')).toContain(why);
		expect(text('.undone-why')).toBe(`↶ ${why}`);
		expect(document.querySelectorAll('.accuracy .square.undone').length).toBe(5);
		expect(document.querySelectorAll('.accuracy .square.frontier').length).toBe(1);
		expect(document.querySelector('.accuracy .square.undone')?.ariaLabel).toContain(why);
		expect(document.querySelectorAll('path.loss.undone').length).toBe(1);
		expect(text('[aria-live=polite][aria-atomic=true]')).toContain(why);
	});

	test('why this difficulty comes next is said while the round works, and no longer', () => {
		const why = '3 is mastered: one step further';
		const began: SessionEvent = { type: 'began', runId, t: 1, phase: 'acquire', difficulty: 4 };
		opened.say(opening, [
			{ type: 'run', run: { ...emptyRun, scores: [start], state: stateAt(1, why) } },
			began,
		]);
		expect(text('.caption')).toContain(`4 digits, because ${why}.`);
		opened.say(refining, training, ending);
		expect(text('.caption')).not.toContain('because');
	});

	test('news of another run is not shown', () => {
		opened.say(opening, [
			{ type: 'began', runId: 'another', t: 7, phase: 'update', difficulty: 9 },
			{ type: 'failed', runId: 'another', error: { code: 'x', message: 'Not ours.' } },
		]);
		expect(opened.app.world.t).toBe(0);
		expect(text('.banner')).toBe('');
	});

	test('a failure is said with its remedy until it is dismissed', async () => {
		const message = 'The disk is full; delete a run and go on.';
		opened.say(opening, [{ type: 'failed', runId, error: { code: 'full', message } }]);
		expect(text('.banner')).toContain(message);
		await button('Dismiss').click();
		expect(text('.banner')).toBe('');
	});

	test('model text is never markup', () => {
		const [sample] = refining;
		if (sample?.type !== 'progress' || sample.progress.kind !== 'sample') throw new Error('sample');
		const { experience } = sample.progress;
		const task = { ...experience.task, text: '<img src=x onerror="window.bad=1"><b>1</b>' };
		const hostile = { ...experience, id: 'hostile', task };
		opened.say(opening, acquiring, [
			{ ...sample, progress: { ...sample.progress, experience: hostile } },
		]);
		expect(text('tbody .task')).toContain('<img src=x');
		expect(document.querySelector('tbody img')).toBeNull();
	});

	test('a rollout of several turns opens as a list of who said what, on a phone too', async () => {
		await page.viewport(390, 844);
		const [sample] = refining;
		if (sample?.type !== 'progress' || sample.progress.kind !== 'sample') throw new Error('sample');
		const experience = { ...sample.progress.experience, rollouts: [dialogue] };
		opened.say(opening, acquiring, [{ ...sample, progress: { ...sample.progress, experience } }]);
		await page.getByRole('button', { name: experience.task.text }).first().click();
		await expect.poll(() => document.querySelectorAll('dialog .turns li').length).toBe(5);
		expect(text('dialog .turns li.sampled')).toBe(
			'model 2 tokens, 77.9 % likely a token, on average (−0.250 nats) <b>add 12 30</b>',
		);
		expect(text('dialog tbody')).toContain('ended: no turns were left');
		expect(text('dialog tbody')).toContain('style not judged: <b>nobody</b> looked');
		expect(document.querySelector('dialog b, dialog tbody i')).toBeNull();
		const dialog = document.querySelector('dialog');
		expect((dialog?.scrollWidth ?? 1) - (dialog?.clientWidth ?? 0)).toBeLessThanOrEqual(0);
		await page.viewport(1280, 900);
	});
});

describe('recorded and live', () => {
	test('a recorded run says so, and gives way to a live one at one click', async () => {
		opened = openPage();
		opened.app.replay.show(recording);
		await expect.poll(() => opened.app.world.status).toBe('finished');
		expect(text('.mark')).toContain('Recorded run');
		expect(text('.engine')).toBe('recorded earlier');
		await button('Evolve').click();
		await expect.poll(() => text('.mark')).toContain('Live');
		expect(opened.app.world.scores).toEqual([]);
		expect(text('.mark')).not.toContain('Recorded');
	});

	test('a recording still playing draws nothing into a live run', async () => {
		opened = openPage();
		opened.app.replay.show({
			...recording,
			events: recording.events.map((e) => ({ ...e, atMs: e.atMs * 40 })),
		});
		await button('Evolve').click();
		await expect.poll(() => opened.app.world.source).toBe('live');
		await new Promise((resolve) => setTimeout(resolve, 400));
		expect(opened.app.world.run).toBeNull();
	});

	test('a recording in English that does not come is said, and the one that plays goes on', async () => {
		opened = openPage();
		opened.app.replay.show({
			...recording,
			events: recording.events.map((e) => ({ ...e, atMs: e.atMs * 400 })),
		});
		const asked = opened.app.setup.asked;
		const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('offline'));
		await opened.app.watchEnglish();
		fetched.mockRestore();
		await expect.poll(() => text('.banner')).toContain('The recorded run did not come');
		expect(opened.app.setup.asked).toEqual(asked);
		await expect.element(button('Hold')).toBeVisible();
	});

	test('a page without a recording says what to do', async () => {
		opened = openPage();
		await opened.app.arrive(new URL('nowhere.json', location.href).href);
		expect(opened.app.world.source).toBe('none');
		expect(text('.caption')).toContain('Press Evolve');
	});

	test.each([
		['that was cut off is shown and goes on', 'It was cut off.', [`resume ${runId} {}`]],
		['that a person paused is shown and waits', undefined, []],
	])('the run of a closed tab %s', async (_what, message, told) => {
		localStorage.setItem('evolvarium.run', runId);
		opened = openPage('', { ...emptyRun, status: 'paused', ...(message ? { message } : {}) });
		await opened.app.arrive('unused');
		expect(opened.app.world.source).toBe('live');
		expect(opened.session.told).toEqual(told);
	});
});

describe('for everyone', () => {
	test.each([
		[1280, 'light'],
		[1280, 'dark'],
		[390, 'light'],
		[390, 'dark'],
	])('at %i pixels, %s, axe finds nothing and nothing sticks out', async (width, theme) => {
		await page.viewport(width, 900);
		document.documentElement.dataset['theme'] = theme;
		opened = openPage();
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.length).toBe(1);
		opened.say(opening, acquiring, refining, training);
		for (const details of document.querySelectorAll('details')) details.open = true;
		// They are loaded when they are opened.
		await expect
			.poll(() => document.querySelectorAll('details table').length, { timeout: 15_000 })
			.toBeGreaterThanOrEqual(3);
		await new Promise((resolve) => setTimeout(resolve, 500));
		for (const events of [[], undoing]) {
			opened.say(events);
			const { violations } = await axe.run(document.body);
			expect(violations.map(({ id, nodes }) => [id, nodes.map((n) => n.html)])).toEqual([]);
			expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
		}
		delete document.documentElement.dataset['theme'];
	});

	test('labels of the ring are at least 12 pixels on a phone', async () => {
		await page.viewport(390, 844);
		opened = openPage();
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.length).toBe(1);
		opened.say(opening, acquiring);
		for (const element of document.querySelectorAll('.labels *'))
			expect(parseFloat(getComputedStyle(element).fontSize)).toBeGreaterThanOrEqual(12);
	});

	test('a screen reader gets the phase and the frontier', async () => {
		opened = openPage();
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.length).toBe(1);
		opened.say(opening, acquiring);
		const heard = [...document.querySelectorAll('[aria-live=polite]')].map((e) => e.textContent);
		expect(heard).toContain('Round 1: Acquire.');
		expect(heard.join(' ')).toContain('This model can add 3 digits');
	});
});
