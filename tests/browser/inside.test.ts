/** @file Seeing inside: the path of one experience, in a real browser over stored runs. */
import { describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { text } from '../ui/open-page.ts';
import { press, soon, storedPages, violations } from '../ui/stored-page.ts';
import { anExperience, aStoredRun, rowsOf, storeOf } from '../ui/stored-runs.ts';

const open = storedPages();

describe('one experience', () => {
	test('the path of one experience goes from its answers to the examination, and what belongs together lights up', async () => {
		const [row] = await rowsOf('a', 1, 2);
		if (!row) throw new Error('a row was due');
		const [first] = anExperience(1, 2, 9).rollouts;
		const turns = (first?.turns ?? []).map((turn) =>
			turn.sampled
				? { ...turn, content: '57$', tokens: [7, 9, 1], logprobs: [-0.1, -0.7, -3] }
				: turn,
		);
		const rollouts = first ? [{ ...first, turns, answer: '57' }] : [];
		const said = { prompt: '12+45=', tokens: ['5', '7', '$'], weights: [1, 0.5, 1] };
		const trained = {
			...{ ...row, answer: '57', fate: 'kept' as const, trainedIn: [1] },
			training: [{ t: 1, steps: [2, 3], said, before: 0.2, after: 0.1 }],
			payload: { ...anExperience(1, 2, 9), id: row.id, rollouts },
		};
		const curve = [1, 2, 3].map((step) => ({ t: 1, step, loss: 1 / step, gradientNorm: 1 }));
		const { training: _, ...untrained } = trained;
		const old = { ...untrained, id: 't001-000009' };
		const store = await storeOf([{ run: aStoredRun('a', { curve }), rows: [trained, old] }]);
		open(store, `#/experiences?run=a&id=${row.id}`);
		await soon(() => document.querySelectorAll('dialog .path > li').length).toBe(6);
		expect(text('dialog .path')).toContain('In 2 steps of 3: 2 3');
		expect(text('dialog .path')).toContain('Loss of this row alone: 0.2 → 0.1 nats a token');
		expect(text('dialog .path')).toContain('answers of an examination were kept one by one');
		const trainedSeven = page.getByRole('option', { name: '“7”: weight 0.5' });
		await trainedSeven.hover();
		await soon(() => document.querySelectorAll('dialog .tokens .lit').length).toBe(2);
		expect(text('dialog li li .lit, dialog li .tokens .lit')).toBe('7');
		expect(await violations()).toEqual([]);
		await press('Previous experience').click();
		await soon(() => text('dialog .path')).toContain('older than that record');
	});
});

describe('two runs on one clock', () => {
	test('stand beside each other in any round, with their recipes in words and the same tasks', async () => {
		const truth = { asked: 4, kept: 4, correct: 3, judged: 4, believed: 1 };
		const truths = [1, 2].map((t) => ({ t, ...truth, correctBefore: 3, judgedBefore: 4 }));
		const { recipe } = aStoredRun('a');
		const off = { ...recipe, knobs: { ...recipe.knobs, agreement: false } };
		const [a, b] = [
			{ run: aStoredRun('a', { truths }), rows: await rowsOf('a', 2, 4) },
			{ run: aStoredRun('b', { truths, recipe: off }), rows: await rowsOf('b', 2, 4) },
		];
		open(await storeOf([a, b]), '#/runs?compare=a,b');
		await soon(() => document.querySelectorAll('.maps table').length).toBe(2);
		expect(text('.causes')).toBe(
			'A keeps those that 80 % of its votes agree on; B keeps every answer.',
		);
		expect(document.querySelectorAll('.maps tbody tr').length).toBe(12);
		const slider = page.getByRole('slider', { name: 'Round' });
		await slider.fill('2');
		await soon(() => document.querySelectorAll('.maps tbody tr').length).toBe(6);
		expect(text('.truth')).toContain('really 75 %');
		await soon(() => text('#compare-title ~ .scroll')).toContain('kept');
		expect(document.querySelectorAll('#compare-title ~ .scroll tbody tr').length).toBe(4);
		expect(await violations()).toEqual([]);
	});
});
