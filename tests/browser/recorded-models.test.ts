/** @file The recording's own models, asked from the Try-it box. */
import { afterEach, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { recording } from '../ui/events.ts';
import { button, openPage, text, type OpenPage } from '../ui/open-page.ts';

let opened: OpenPage;
afterEach(() => opened.close());

test('the recorded models answer a typed task in columns, fetched when they are first asked', async () => {
	opened = openPage();
	const parameters = { kind: 'lora', rank: 1, alpha: 1, targets: ['q_proj'] } as const;
	const adapters = [1, 2].map((t) => ({ t, parameters }));
	const served = new Map([
		['run.json', JSON.stringify({ ...recording, adapters })],
		['run.adapters/1.safetensors', 'one'],
		['run.adapters/2.safetensors', 'two'],
	]);
	const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation((url) => {
		const found = typeof url === 'string' ? served.get(url.replace(/^.*[/]far[/]/, '')) : null;
		return Promise.resolve(new Response(found ?? null, { status: found ? 200 : 404 }));
	});
	const asked: unknown[] = [];
	opened.session.tryOut = (of, task) => {
		asked.push(of);
		const [before, middle, now] = ['1', '2', '3'].map((answer) => ({
			...{ answer, completion: answer, correct: answer === '3' },
		}));
		if (!before || !middle || !now) throw new Error('three answers');
		return Promise.resolve({ task, expected: '3', before, between: [middle], now });
	};
	await opened.app.arrive('/far/run.json');
	await button('Open the model').click();
	await page.getByRole('textbox', { name: /to add/ }).fill('1 + 2');
	expect(fetched).toHaveBeenCalledTimes(1);
	await button('Ask').click();
	await expect.poll(() => document.querySelectorAll('.try .answer').length).toBe(3);
	const shown = [...document.querySelectorAll('.try .answer')];
	expect(shown.map((one) => one.querySelector('h3')?.textContent)).toEqual([
		...['start', 'round 1', 'end'],
	]);
	expect(shown.map((one) => one.querySelector('code')?.textContent)).toEqual(['1', '2', '3']);
	expect(text('.try')).toContain('These are the recorded run’s models');
	const bytes = ['one', 'two'].map((words) => new TextEncoder().encode(words));
	expect(asked).toEqual([
		{ recipe: recording.recipe, adapters: bytes.map((one) => ({ parameters, bytes: one })) },
	]);
	await button('Ask').click();
	await expect.poll(() => asked.length).toBe(2);
	expect(fetched).toHaveBeenCalledTimes(3);
	fetched.mockRestore();
	opened.app.setUpEnglish();
	opened.app.world.begin('live');
	await expect.element(page.getByRole('textbox', { name: /to follow/ })).toHaveValue('');
	expect(document.querySelectorAll('.try .answer')).toHaveLength(0);
});
