/** @file The same held-out tasks before and after. */
import { languageLines } from '#runs/measure/language.ts';
import { pairedOf, shownPairs } from '#runs/measure/paired.ts';
import type { Score, ScoreCell, ShownAnswer } from '#loop/types.ts';
import { expect, test } from 'vitest';

const answer = (task: string, text: string): ShownAnswer => ({
	...{ task, answer: text },
	verdict: text === 'yes' ? 'correct' : 'wrong',
});
const cell = (
	stratum: string,
	outcomes: string,
	shown: readonly ShownAnswer[] = [],
): ScoreCell => ({
	...{ difficulty: 1, stratum, outcomes, shown },
	correct: outcomes.replaceAll(/[^+]/g, '').length,
	n: outcomes.replaceAll('?', '').length,
});
const score = (t: number, ...cells: readonly ScoreCell[]): Score => ({
	...{ t, policy: `p${t}`, frontier: 0, threshold: 0.9, perplexity: 36, cells },
});

test('a task is won if it is right only after, and left out if either answer was not judged', () => {
	const before = score(0, cell('format', '--+?-'), cell('json', '--'));
	const after = score(2, cell('format', '+--+?'), cell('json', '-+'));
	expect(pairedOf(before, after)).toEqual({ won: 2, lost: 1, n: 5 });
	expect(languageLines([before, after])).toContain('task by task: 2 won, 1 lost of 5');
});

test('examinations of other tasks, or without outcomes, are not paired', () => {
	const { outcomes: _none, ...bare } = cell('format', '+-');
	expect(pairedOf(score(0, bare), score(1, cell('format', '+-')))).toBeUndefined();
	expect(pairedOf(score(0, cell('format', '+')), score(1, cell('json', '+')))).toBeUndefined();
});

test('answers stand beside each other, one of each kind first, of the last policy that was kept', () => {
	const at = (t: number, text: string) =>
		score(
			t,
			cell('format', '+', [answer('a', text), answer('b', text)]),
			cell('json', '+', [answer('c', text)]),
		);
	const undone: Score = { ...at(2, 'undone'), rolledBack: 'it fell' };
	const pairs = shownPairs([at(0, 'no'), at(1, 'yes'), undone]);
	expect(pairs.map(({ task }) => task)).toEqual(['a', 'c', 'b']);
	expect(pairs[0]).toEqual({ task: 'a', before: answer('a', 'no'), after: answer('a', 'yes') });
	expect(shownPairs([at(0, 'no')])).toEqual([]);
	expect(shownPairs([])).toEqual([]);
});
