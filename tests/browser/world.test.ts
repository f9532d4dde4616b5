/** @file The World page in a real browser: what events make of it, its keys, and whether everyone can use it. */
import axe from 'axe-core';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import type { SessionEvent } from '#session/session.ts';
import App from '../../src/ui/App.svelte';
import { App as AppState } from '../../src/ui/state/app.svelte.ts';
import '../../src/ui/theme.css';
import { acquiring, emptyRun, ending, opening, refining, runId, training } from '../ui/events.ts';
import { silentSession, type SilentSession } from '../ui/silent-session.ts';

let session: SilentSession;
let app: AppState;
let shown: Record<string, unknown>;

const address = location.href;
const text = (selector: string): string =>
	(document.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim();
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const say = (...lists: (readonly SessionEvent[])[]) => {
	session.say(lists.flat());
	app.live.flush();
	flushSync();
};

function show(query = ''): void {
	history.replaceState(null, '', `${location.pathname}${query}`);
	session = silentSession();
	app = new AppState({
		catalogue: { methods, environments: Object.values(environments) },
		openSession: () => Promise.resolve(session),
	});
	shown = mount(App, { target: document.body, props: { app } });
	flushSync();
}

beforeEach(() => {
	localStorage.clear();
});
afterEach(async () => {
	await unmount(shown);
	await app.dispose();
	history.replaceState(null, '', address);
	localStorage.clear();
});

describe('what a run makes of the page', () => {
	beforeEach(async () => {
		show();
		await button('Evolve').click();
		await expect.poll(() => session.told.length).toBe(1);
	});

	test('the examination at the start is the start line', () => {
		say(opening);
		expect(text('h1')).toBe('This model can add 3 digits. It is teaching itself 4.');
		expect(text('.middle strong')).toBe('3');
		expect(document.querySelectorAll('.accuracy .square.frontier').length).toBe(1);
		expect(text('.accuracy .square.frontier')).toBe('96');
	});

	test('dots appear as answers are given', () => {
		say(opening, acquiring);
		expect(text('h1')).toBe('This model can add 3 digits. It is teaching itself 4.');
		expect(text('.caption')).toContain('It answers 10 sums of 4 digits, each in 5 ways: 25 of 50');
		expect(text('.caption')).toContain('About 1 min 40 s to go.');
		expect(document.querySelectorAll('.dot.flowing').length).toBe(5);
	});

	test('what is set aside falls, what is kept stays, and the counts say so', () => {
		say(opening, acquiring, refining);
		expect(document.querySelectorAll('.dot.fallen').length).toBe(4);
		expect(document.querySelectorAll('.dot.kept').length).toBe(6);
		expect(text('.dome')).toContain('set aside 4');
		expect(text('.label.refine')).toContain('6 of 10 kept');
	});

	test('the truth meter shows what it believes and what is true, with the interval', () => {
		say(opening, acquiring, refining);
		const meter = text('.meter');
		expect(meter).toContain('believes 97 %');
		expect(meter).toMatch(/really 100 % 61–100/);
	});

	test('training draws the curve and lands the dots', () => {
		say(opening, acquiring, refining, training);
		expect(text('.caption')).toContain('step 5 of 10');
		expect(document.querySelectorAll('.dot.landed').length).toBe(3);
		expect(document.querySelectorAll('path.loss').length).toBe(1);
	});

	test('at the end it says what it began with and what it can do now', () => {
		say(opening, acquiring, refining, training, ending);
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
		say(opening, acquiring, refining, training, worse);
		expect(text('.kept.lost')).toContain('forgetting');
	});

	test('news of another run is not shown', () => {
		say(opening, [
			{ type: 'began', runId: 'another', t: 7, phase: 'update', difficulty: 9 },
			{ type: 'failed', runId: 'another', error: { code: 'x', message: 'Not ours.' } },
		]);
		expect(app.world.t).toBe(0);
		expect(text('.banner')).toBe('');
	});

	test('a failure is said with its remedy until it is dismissed', async () => {
		const message = 'The disk is full; delete a run and go on.';
		say(opening, [{ type: 'failed', runId, error: { code: 'full', message } }]);
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
		say(opening, acquiring, [{ ...sample, progress: { ...sample.progress, experience: hostile } }]);
		expect(text('tbody .task')).toContain('<img src=x');
		expect(document.querySelector('tbody img')).toBeNull();
	});
});

describe('buttons and keys', () => {
	test('Evolve starts the run that the address asks for', async () => {
		show('?seed=7&rounds=3&rank=8');
		await button('Evolve').click();
		await expect
			.poll(() => session.told)
			.toEqual([
				'start {"method":"easy-to-hard","environment":"addition","seed":7,"rounds":3,"knobs":{"rank":8}}',
			]);
	});

	test('E begins, P pauses, S steps, E goes on, X stops, and only when each can be done', async () => {
		show();
		await userEvent.keyboard('px');
		expect(session.told).toEqual([]);
		await userEvent.keyboard('e');
		await expect.poll(() => session.told.length).toBe(1);
		say(opening);
		await userEvent.keyboard('s');
		await userEvent.keyboard('p');
		await expect.poll(() => session.told.slice(1)).toEqual(['pause']);
		say([{ type: 'status', runId, status: 'paused' }]);
		await userEvent.keyboard('s');
		await expect.poll(() => session.told.slice(2)).toEqual(['step']);
		await userEvent.keyboard('e');
		await expect.poll(() => session.told.slice(3)).toEqual([`resume ${runId} {}`]);
		await userEvent.keyboard('x');
		await expect.poll(() => session.told.slice(4)).toEqual(['stop']);
	});

	test('S on a page without a run begins one and does a single step', async () => {
		show();
		await userEvent.keyboard('s');
		await expect
			.poll(() => session.told.map((line) => line.split(' ')[0]))
			.toEqual(['start', 'pause']);
	});

	test('letters typed into a field are not commands', async () => {
		show();
		await button('Easy-to-hard self-training').click();
		await page.getByLabelText('Seed').click();
		await userEvent.keyboard('e');
		expect(session.told).toEqual([]);
	});

	test('a button that can do nothing is disabled', async () => {
		show();
		await expect.element(button('Stop')).toBeDisabled();
		await button('Evolve').click();
		await expect.poll(() => session.told.length).toBe(1);
		say(opening);
		await expect.element(button('Step')).toBeDisabled();
		await expect.element(button('Stop')).toBeEnabled();
		say([{ type: 'status', runId, status: 'pausing' }]);
		await expect.element(button('Pausing …')).toBeDisabled();
	});

	test('arrows walk the map, and each square says its numbers', async () => {
		show();
		await button('Evolve').click();
		await expect.poll(() => session.told.length).toBe(1);
		say(opening);
		document.querySelector<HTMLElement>('.accuracy .square.frontier')?.focus();
		flushSync();
		expect(text('.accuracy .detail')).toContain('3 digits, at the start: equal 196 of 200 right');
		await userEvent.keyboard('{ArrowRight}');
		expect(text('.accuracy .detail')).toContain('4 digits, at the start: equal 120 of 200 right');
		expect(document.activeElement?.getAttribute('data-at')).toBe('0-3');
	});

	test('a dot opens the experience it stands for, and Escape closes it', async () => {
		show();
		await button('Evolve').click();
		await expect.poll(() => session.told.length).toBe(1);
		say(opening, acquiring, refining);
		document.querySelector('.dot.kept')?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
		flushSync();
		expect(text('dialog')).toContain('100 %, by the model itself');
		expect(document.querySelectorAll('dialog tbody tr').length).toBe(5);
		await userEvent.keyboard('{Escape}');
		await expect.poll(() => document.querySelector('dialog')).toBeNull();
	});
});

describe('the recipe', () => {
	test('every cell is there with its section, and a turned knob goes into the address', async () => {
		show();
		expect(text('.recipe')).toContain('refine 5.1.2');
		await button('Metric-free filter').click();
		await page.getByRole('switch', { name: 'Filter' }).click();
		expect(app.setup.asked.knobs).toEqual({ agreement: false });
		expect(location.search).toBe('?agreement=off');
		await button('back to true').click();
		expect(location.search).toBe('');
	});

	test('a value that is not allowed is refused in words', async () => {
		show();
		await button('Architecture').click();
		await page.getByRole('textbox', { name: 'Rank' }).fill('9999');
		await userEvent.keyboard('{Tab}');
		expect(text('dialog [role=alert]')).toContain('rank must be a whole number from 1 to 256');
		expect(app.setup.asked.knobs).toEqual({});
	});

	test('one link switches the filter off for the next run', async () => {
		show();
		await button('Switch the filter off').click();
		expect(text('.card .note strong')).toBe('The next run keeps every answer.');
		await button('Evolve').click();
		await expect.poll(() => session.told[0]).toContain('"knobs":{"agreement":false}');
	});

	test('what the address gets wrong is said in the page', () => {
		show('?method=nothing');
		expect(text('.banner')).toContain('method must be one of easy-to-hard, ');
	});
});

describe('recorded and live', () => {
	const events = [...opening, ...acquiring, ...refining, ...training, ...ending];
	const recording = {
		recordedAt: '2026-11-21T10:00:00Z',
		recipe: emptyRun.recipe,
		engine: 'wasm',
		events: events.map((event, i) => ({ atMs: i * 20, event })),
	};

	test('a recorded run says so, and gives way to a live one at one click', async () => {
		show();
		app.replay.show(recording);
		await expect.poll(() => app.world.status).toBe('finished');
		expect(text('.mark')).toContain('Recorded run');
		expect(text('.engine')).toContain('recorded on');
		await button('Evolve').click();
		await expect.poll(() => text('.mark')).toContain('Live');
		expect(app.world.scores).toEqual([]);
		expect(text('.mark')).not.toContain('Recorded');
	});

	test('a recording still playing draws nothing into a live run', async () => {
		show();
		app.replay.show({
			...recording,
			events: recording.events.map((e) => ({ ...e, atMs: e.atMs * 40 })),
		});
		await button('Evolve').click();
		await expect.poll(() => app.world.source).toBe('live');
		await new Promise((resolve) => setTimeout(resolve, 400));
		expect(app.world.run).toBeNull();
	});

	test('a page without a recording says what to do', async () => {
		show();
		await app.arrive(new URL('nowhere.json', location.href).href, new AbortController().signal);
		expect(app.world.source).toBe('none');
		expect(text('.caption')).toContain('Press Evolve');
	});

	test('the run of a closed tab is shown and goes on', async () => {
		localStorage.setItem('evolvarium.run', runId);
		show();
		await app.arrive('unused', new AbortController().signal);
		expect(app.world.source).toBe('live');
		expect(session.told).toEqual([`resume ${runId} {}`]);
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
		show();
		await button('Evolve').click();
		await expect.poll(() => session.told.length).toBe(1);
		say(opening, acquiring, refining, training);
		for (const details of document.querySelectorAll('details')) details.open = true;
		await vi.waitFor(() => {
			if (document.querySelectorAll('details table').length < 3) throw new Error('tables');
		});
		await new Promise((resolve) => setTimeout(resolve, 500));
		const { violations } = await axe.run(document.body);
		expect(violations.map(({ id, nodes }) => [id, nodes.map((n) => n.html)])).toEqual([]);
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
		delete document.documentElement.dataset['theme'];
	});

	test('labels of the ring are at least 12 pixels on a phone', async () => {
		await page.viewport(390, 844);
		show();
		await button('Evolve').click();
		await expect.poll(() => session.told.length).toBe(1);
		say(opening, acquiring);
		for (const element of document.querySelectorAll('.labels *'))
			expect(parseFloat(getComputedStyle(element).fontSize)).toBeGreaterThanOrEqual(12);
	});

	test('a screen reader hears the phase and the frontier', async () => {
		show();
		await button('Evolve').click();
		await expect.poll(() => session.told.length).toBe(1);
		say(opening, acquiring);
		const heard = [...document.querySelectorAll('[aria-live=polite]')].map((e) => e.textContent);
		expect(heard).toContain('Round 1: Acquire.');
		expect(heard.join(' ')).toContain('This model can add 3 digits');
	});
});
