/** @file The controls of the World page in a real browser: buttons, keys, the map, the recipe. */
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { acquiring, emptyRun, opening, refining, runId } from '../ui/events.ts';
import { button, openPage, text, type OpenPage } from '../ui/open-page.ts';

let opened: OpenPage;
beforeEach(() => {
	localStorage.clear();
});
afterEach(() => opened.close());

describe('buttons and keys', () => {
	test('Evolve starts the run that the address asks for', async () => {
		opened = openPage('?seed=7&rounds=3&rank=8');
		await button('Evolve').click();
		await expect
			.poll(() => opened.session.told)
			.toEqual([
				'start {"method":"easy-to-hard","environment":"addition","seed":7,"rounds":3,"knobs":{"rank":8}}',
			]);
	});

	test('E begins, P pauses, S steps, E goes on, X stops, and only when each can be done', async () => {
		opened = openPage();
		await userEvent.keyboard('px');
		expect(opened.session.told).toEqual([]);
		await userEvent.keyboard('e');
		await expect.poll(() => opened.session.told.length).toBe(1);
		opened.say(opening);
		await userEvent.keyboard('s');
		await userEvent.keyboard('p');
		await expect.poll(() => opened.session.told.slice(1)).toEqual(['pause']);
		opened.say([{ type: 'status', runId, status: 'paused' }]);
		await userEvent.keyboard('s');
		await expect
			.poll(() => opened.session.told.slice(2))
			.toEqual([`resume ${runId} {"singleStep":true}`]);
		await userEvent.keyboard('x');
		await userEvent.keyboard('e');
		await expect.poll(() => opened.session.told.slice(3)).toEqual([`resume ${runId} {}`]);
		opened.say([{ type: 'status', runId, status: 'running' }]);
		await userEvent.keyboard('x');
		await expect.poll(() => opened.session.told.slice(4)).toEqual(['stop']);
	});

	test('S on a page without a run begins one and does a single step', async () => {
		opened = openPage();
		await userEvent.keyboard('s');
		await expect
			.poll(() => opened.session.told.map((line) => line.split(' ')[0]))
			.toEqual(['start', 'pause']);
	});

	test('with another run under way, the one shown can be stepped and not stopped', async () => {
		opened = openPage();
		await button('Evolve').click();
		opened.say(opening, [{ type: 'status', runId, status: 'paused' }]);
		const status = 'running';
		opened.say([
			{ type: 'status', runId: 'another', status },
			{ type: 'run', run: { ...emptyRun, id: 'another', status: 'finished' } },
		]);
		await expect.element(button('Stop')).not.toBeInTheDocument();
		await userEvent.keyboard('x');
		await button('Step').click();
		await expect
			.poll(() => opened.session.told.slice(1))
			.toEqual([`resume ${runId} {"singleStep":true}`]);
	});

	test('a run that waits gives way to a new one', async () => {
		opened = openPage();
		await button('Evolve').click();
		opened.say(opening, [{ type: 'status', runId, status: 'stopped' }]);
		await expect.element(button('Go on')).toBeEnabled();
		await button('New run').click();
		await expect
			.poll(() => opened.session.told.map((line) => line.split(' ')[0]))
			.toEqual(['start', 'start']);
	});

	test('when the worker dies the run waits to be resumed', async () => {
		opened = openPage();
		await button('Evolve').click();
		opened.say(opening);
		opened.say([{ type: 'failed', runId, error: { code: 'crashed', message: 'It stopped.' } }]);
		expect(text('.banner')).toContain('It stopped.');
		await button('Go on').click();
		await expect.poll(() => opened.session.told.slice(1)).toEqual([`resume ${runId} {}`]);
	});

	test('a knob turned while a run waits is turned in that run, which goes on waiting', async () => {
		opened = openPage();
		await button('Evolve').click();
		opened.say(opening);
		opened.say([{ type: 'failed', runId, error: { code: 'x', message: 'Lower the rank.' } }]);
		await button('Architecture').click();
		await page.getByRole('textbox', { name: 'Rank' }).fill('8');
		await userEvent.keyboard('{Tab}');
		await expect.poll(() => opened.session.told.slice(1)).toEqual([`rank = 8 in ${runId}`]);
		const { recipe } = emptyRun;
		// Its record still says that it runs, as the dead worker left it.
		opened.say([{ type: 'run', run: { ...emptyRun, recipe: { ...recipe, knobs: { rank: 8 } } } }]);
		expect(text('dialog')).toContain('Holds from the next step that reads it');
		await userEvent.keyboard('{Escape}');
		await expect.element(button('Go on')).toBeEnabled();
	});

	test('a run can be stopped while its pause is waited for', async () => {
		opened = openPage();
		await button('Evolve').click();
		opened.say(opening);
		opened.session.pause = () => new Promise(() => undefined);
		await userEvent.keyboard('p');
		opened.say([{ type: 'status', runId, status: 'pausing' }]);
		await expect.element(button('Pausing …')).toHaveAttribute('aria-disabled', 'true');
		await button('Stop').click();
		await expect.poll(() => opened.session.told.slice(1)).toEqual(['stop']);
	});

	test('what to run on comes from the address, and another choice opens the next run anew', async () => {
		opened = openPage('?compute=wasm');
		await button('Evolve').click();
		await expect.poll(() => opened.opened).toEqual(['wasm']);
		opened.say(opening, [{ type: 'status', runId, status: 'paused' }]);
		await button('Easy-to-hard self-training').click();
		await page.getByLabelText('Runs on').selectOptions('Graphics card (WebGPU)');
		await userEvent.keyboard('{Escape}');
		expect(location.search).toBe('?compute=webgpu');
		expect(opened.opened).toEqual(['wasm']);
		await userEvent.keyboard('s');
		await expect.poll(() => opened.opened).toEqual(['wasm', 'webgpu']);
		await expect.poll(() => opened.session.told.at(-1)).toBe(`resume ${runId} {"singleStep":true}`);
		opened.session.say([
			{ type: 'opened', engine: 'WebGPU', trainer: 'tfjs, WebGPU', note: 'A note.' },
		]);
		await expect.poll(() => text('.engine')).toBe('runs on your graphics card');
		await page.viewport(1280, 900);
		await button('runs on your graphics card').click();
		await expect.element(page.getByRole('dialog', { name: 'What computes it' })).toBeVisible();
		expect(text('.details')).toContain('tfjs, WebGPU');
		expect(text('.details')).toContain('A note.');
		await userEvent.keyboard('{Escape}');
	});

	test('the keys can be switched off, for good', async () => {
		opened = openPage();
		await button('Switch the keys off').click();
		await userEvent.keyboard('e');
		expect(opened.session.told).toEqual([]);
		expect(localStorage.getItem('evolvarium.keys')).toBe('off');
		await button('Switch the keys on').click();
		(document.activeElement as HTMLElement | null)?.blur();
		await userEvent.keyboard('e');
		await expect.poll(() => opened.session.told.length).toBe(1);
	});

	test('a model that is nowhere is named before Evolve is pressed, and not begun with', async () => {
		opened = openPage('?model=nonexistent', undefined, () => ({
			chatModels: () =>
				Promise.resolve([{ model: 'addition', name: 'addition', isSeedling: true }]),
		}));
		void opened.app.arrive('data:application/json,0');
		await expect
			.poll(() => text('.banner'))
			.toContain('There is no model "nonexistent" in this browser; get it under Models');
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.join()).toMatch(/^start (?!.*nonexistent)/);
	});

	test('a run that is opened shows its own recipe, not as live, and where its answers are', async () => {
		const knobs = { agreement: false };
		const stored = {
			...emptyRun,
			status: 'finished',
			recipe: { ...emptyRun.recipe, knobs },
		} as const;
		opened = openPage('', {
			...stored,
			state: { t: 2, phase: 'acquire', objective: { ability: 'addition', difficulty: 5 } },
		});
		await opened.app.show(runId);
		flushSync();
		expect(text('.recipe')).toContain('filter: off');
		expect(document.querySelector('.recipe')?.getAttribute('aria-label')).toBe(
			'The recipe of this run',
		);
		expect(text('.mark')).toBe('Finished your own run, kept under Runs.');
		expect(location.search).toContain('agreement=off');
	});

	test('letters typed into a field are not commands', async () => {
		opened = openPage();
		await button('Easy-to-hard self-training').click();
		await page.getByLabelText('Seed').click();
		await userEvent.keyboard('e');
		expect(opened.session.told).toEqual([]);
	});

	test('a button that can do nothing says so, and keeps the focus', async () => {
		opened = openPage();
		await expect.element(button('Stop')).toHaveAttribute('aria-disabled', 'true');
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.length).toBe(1);
		expect(document.activeElement).toBe(document.querySelector('.controls .first'));
		opened.say(opening);
		await expect.element(button('Step')).toHaveAttribute('aria-disabled', 'true');
		await expect.element(button('Stop')).toHaveAttribute('aria-disabled', 'false');
		opened.say([{ type: 'status', runId, status: 'pausing' }]);
		await expect.element(button('Pausing …')).toHaveAttribute('aria-disabled', 'true');
	});

	test('arrows walk the map, and each square says its numbers', async () => {
		opened = openPage();
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.length).toBe(1);
		opened.say(opening);
		document.querySelector<HTMLElement>('.accuracy .square.frontier')?.focus();
		flushSync();
		expect(text('.accuracy .detail')).toContain('3 digits, at the start: equal 196 of 200 right');
		await userEvent.keyboard('{ArrowRight}');
		expect(text('.accuracy .detail')).toContain('4 digits, at the start: equal 120 of 200 right');
		expect(document.activeElement?.getAttribute('data-at')).toBe('0-3');
	});

	test('a dot opens the experience it stands for, and Escape closes it', async () => {
		opened = openPage();
		await button('Evolve').click();
		await expect.poll(() => opened.session.told.length).toBe(1);
		opened.say(opening, acquiring, refining);
		document.querySelector('.dot.kept')?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
		flushSync();
		// The dialog is loaded when it is first opened.
		await expect.poll(() => text('dialog')).toContain('100 %, by the model itself');
		expect(document.querySelectorAll('dialog tbody tr').length).toBe(5);
		await userEvent.keyboard('{Escape}');
		await expect.poll(() => document.querySelector('dialog')).toBeNull();
	});
});

describe('the recipe', () => {
	test('every cell is there with its section, and a turned knob goes into the address', async () => {
		opened = openPage();
		expect(text('.recipe')).toContain('refine 5.1.2');
		await button('Metric-free filter').click();
		await page.getByRole('switch', { name: 'Filter' }).click();
		expect(opened.app.setup.asked.knobs).toEqual({ agreement: false });
		expect(location.search).toBe('?agreement=off');
		await button('back to true').click();
		expect(location.search).toBe('');
	});

	test('a value that is not allowed is refused in words', async () => {
		opened = openPage();
		await button('Architecture').click();
		await page.getByRole('textbox', { name: 'Rank' }).fill('9999');
		await userEvent.keyboard('{Tab}');
		expect(text('dialog [role=alert]')).toContain('rank must be a whole number from 1 to 1024');
		expect(opened.app.setup.asked.knobs).toEqual({});
	});

	test('one link switches the filter off for the next run, another makes it climb: one cause at a time', async () => {
		opened = openPage();
		await button('Switch the filter off').click();
		expect(text('.card .note strong')).toBe('The next run keeps every answer.');
		expect(opened.app.setup.asked.knobs).toEqual({ agreement: false });
		await button('Climb 2 digits a round, to see it sooner').click();
		expect(text('[aria-labelledby=truth-title] .note')).toContain('It climbs 2 digits a round.');
		await button('Climb 1 digit a round again').click();
		await button('Switch the filter on again').click();
		expect(opened.app.setup.asked.knobs).toEqual({});
		await button('Switch the filter off').click();
		await button('Evolve').click();
		await expect.poll(() => opened.session.told[0]).toContain('"knobs":{"agreement":false}');
	});

	test('errors of the address are shown in the page', () => {
		opened = openPage('?method=nothing');
		expect(text('.banner')).toContain('method must be one of easy-to-hard, ');
	});
});
