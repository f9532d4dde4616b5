/** @file Two runs compared: their recipes in words, and the rows of the same tasks. */
import { expect, test } from 'vitest';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { language } from '#ui/language/language.svelte.ts';
import { causeWords, differenceWords } from '../../src/ui/panels/runs/compare/differ.ts';
import { sameTasks } from '../../src/ui/panels/runs/compare/same-tasks.ts';
import { aStoredRun, rowsOf } from './stored-runs.ts';

await language.load('runs');
const catalogue = { methods, environments: Object.values(environments) };
const run = aStoredRun('a');
const turned = (knobs: Readonly<Record<string, string | number | boolean>>, seed = 1) =>
	aStoredRun('b', { recipe: { ...run.recipe, seed, knobs: { ...run.recipe.knobs, ...knobs } } });

test('a filter that is off is said as what it does, and is one cause', () => {
	const words = differenceWords(catalogue, turned({ agreement: false }), turned({ agree: 0.6 }));
	expect(words).toEqual([
		'A keeps every answer; B keeps those that 60\u00a0% of its votes agree on.',
	]);
	expect(causeWords(words.length)).toContain('One cause');
});

test('every other knob is one sentence, and several causes are said to be several', () => {
	const words = differenceWords(catalogue, run, turned({ rank: 4 }, 9));
	expect(words).toEqual(['Rank: A 64, B 4.', 'Seed: A 1, B 9. All chance is another.']);
	expect(causeWords(words.length)).toContain('2 causes at once');
	expect(differenceWords(catalogue, run, run)).toEqual([]);
	const other = aStoredRun('c', { recipe: { ...run.recipe, method: 'star' } });
	expect(differenceWords(catalogue, run, other)[0]).toMatch(/^A follows .+; B follows .+\.$/);
});

test('tasks that both runs met stand together, those that went apart first', async () => {
	const a = await rowsOf('a', 1, 3);
	const [first, second, third] = a;
	if (!first || !second || !third) throw new Error('Three rows were due.');
	const b = [third, { ...second, answer: 'another' }];
	expect(sameTasks(a, b).map(({ text }) => text)).toEqual([second.text, third.text]);
	expect(sameTasks(a, [])).toEqual([]);
});
