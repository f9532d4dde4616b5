/** @file What a run cost and what it came to, in words: undone rounds count for nothing, what was not counted is not 0. */
import { describe, expect, test } from 'vitest';
import { acceptedScores, undoneScores, undoneWords } from '#runs/measure/accepted.ts';
import { costWords, flopCount, timeSpent, tokenCount } from '#runs/measure/cost-words.ts';
import { summarise } from '#runs/measure/summary.ts';
import { frontierDrawing, standing } from '../../src/ui/panels/runs/frontier.ts';
import { language } from '#ui/language/language.svelte.ts';
import { costs, frontiers, roundsDone } from '../../src/ui/panels/runs/words.ts';

await language.load('runs');
import { aNumber } from '../matchers.ts';
import { emptyRun, score, start } from './events.ts';

const cost = {
	tokensIn: 1_234_567,
	tokensOut: 300_400,
	tokensTrained: 900_000,
	flop: 2.13e12,
	seconds: 178,
};
const better = score(1, [200, 199, 196, 199, 10], 4);
const undone = { ...score(2, [200, 100, 196, 199, 199], 1), rolledBack: 'difficulty 2 fell' };
const run = { ...emptyRun, scores: [start, better, undone] };

describe('the cost of a run', () => {
	test('is one line', () => {
		expect(costWords(cost)).toBe(
			'1.2 M tokens read, 300 k written, 900 k trained · 2.1 TFLOP · 3 min',
		);
	});
	test.each([
		[0, '0'],
		[812, '812'],
		[999.6, '1 k'],
		[1234, '1.2 k'],
		[30_000_000, '30 M'],
		[999_999_999, '1 B'],
		[5e12, '5000 B'],
	])('%d tokens are %s', (tokens, words) => {
		expect(tokenCount(tokens)).toBe(words);
	});
	test('operations have the prefix that fits', () => {
		expect([0, 999, 4e9, 7.25e15].map(flopCount)).toEqual([
			'0 FLOP',
			'999 FLOP',
			'4 GFLOP',
			'7.3 PFLOP',
		]);
	});
	test('time is told in steps that a person reads', () => {
		expect([0.2, 42.4, 59.7, 200, 7500, 7200].map(timeSpent)).toEqual([
			'under 1 s',
			'42 s',
			'1 min',
			'3 min',
			'2 h 5 min',
			'2 h',
		]);
	});
	test('is compared with what it gained; where it was not counted, it says so', () => {
		const rows = costs({ ...run, cost }, run);
		expect(rows[0]).toEqual({ what: 'Frontier', a: '3 → 4', b: '3 → 4' });
		expect(rows[1]).toEqual({ what: 'Tokens read', a: '1.2 M', b: 'not counted' });
		expect(rows.map(({ what }) => what)).toHaveLength(6);
		expect(costs(run, run)).toEqual([]);
	});
});

describe('a round that was undone', () => {
	test('is none of the accepted, and says why', () => {
		expect(acceptedScores(run.scores)).toEqual([start, better]);
		expect(undoneScores(run.scores).map(undoneWords)).toEqual([
			'Round 2 was undone: difficulty 2 fell.',
		]);
	});
	test('is done, but counts for nothing in what the run came to', () => {
		expect(frontiers(run)).toEqual({ before: 3, after: 4 });
		expect(roundsDone(run)).toBe(2);
		expect(summarise(run)).toMatchObject({ rounds: 2, frontierAfter: 4, policy: 'policy-1' });
	});
	test('leaves the frontier as it was, with a mark at where it had come to', () => {
		expect(standing(run.scores)).toEqual([
			{ t: 0, frontier: 3 },
			{ t: 1, frontier: 4 },
			{ t: 2, frontier: 4 },
		]);
		const size = { width: 300, height: 100, left: 20, right: 20, bottom: 20 };
		const drawing = frontierDrawing([run.scores], size);
		expect(drawing.ends[0]).toMatchObject({ value: 4, x: 280 });
		expect(drawing.undone[0]).toEqual([{ t: 2, x: 280, y: aNumber }]);
		expect(drawing.undone[0]?.[0]?.y).toBeGreaterThan(drawing.ends[0]?.y ?? Infinity);
	});
});
