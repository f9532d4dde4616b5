/** @file Figures of a run's record and what they decide; and the drawing of them. */
import { describe, expect, test } from 'vitest';
import type { Score } from '#loop/types.ts';
import { drawingOf, valueWords } from '#ui/panels/learn/figure/drawing.ts';
import { figureCsv, figureSvg, type Drawn } from '#ui/panels/learn/figure/save-figure.ts';
import { pointsOf, type Measured } from '#ui/panels/learn/lesson/figures.ts';
import { outcomeIn, valueOf } from '#ui/panels/learn/lesson/verdict.ts';

const score = (t: number, frontier: number, right: readonly number[], more = {}): Score => ({
	...{ t, policy: String(t), frontier, threshold: 0.9 },
	cells: right.map((correct, i) => ({ difficulty: i + 1, stratum: 'all', correct, n: 10 })),
	...more,
});
const truth = (t: number, correct: number, judged: number) => ({
	...{ t, asked: 20, kept: judged, correct, judged, believed: 0.9 },
	...{ correctBefore: 0, judgedBefore: 0 },
});
const run: Measured = {
	scores: [
		score(0, 2, [10, 9, 4]),
		// A round that was undone counts nowhere, and one that asked only some difficulties not in shares of all.
		score(1, 1, [10, 2, 9], { rolledBack: 'difficulty 2 fell' }),
		score(2, 2, [10, 9]),
		score(3, 3, [10, 7, 10]),
	],
	truths: [truth(1, 18, 20), truth(2, 0, 0), truth(3, 5, 10)],
	curve: [1, 2, 3, 4, 5, 6].map((loss, i) => ({ t: 1, step: i + 1, loss, gradientNorm: 1 })),
};

describe('figures', () => {
	test('the frontier is that of policies that were kept', () => {
		expect(pointsOf({ figure: 'frontier' }, run)).toEqual([
			{ t: 0, value: 2 },
			{ t: 2, value: 2 },
			{ t: 3, value: 3 },
		]);
	});

	test('right answers are of the difficulties that are meant, where all were asked', () => {
		expect(pointsOf({ figure: 'right', from: 2 }, run)).toEqual([
			{ t: 0, value: 0.65, of: { correct: 13, n: 20 } },
			{ t: 3, value: 0.85, of: { correct: 17, n: 20 } },
		]);
	});

	test('forgotten is the worst fall of what was mastered, not of what never was', () => {
		expect(valueOf({ figure: 'forgotten' }, run)).toBeCloseTo(0.2);
		expect(valueOf({ figure: 'forgotten', from: 3 }, run)).toBe(0);
	});

	test('labels that nobody judged are no share', () => {
		expect(pointsOf({ figure: 'true-labels' }, run).map(({ t, value }) => [t, value])).toEqual([
			[1, 0.9],
			[3, 0.5],
		]);
	});

	test('the loss of a round is the mean of its last five steps', () => {
		expect(pointsOf({ figure: 'loss' }, run)).toEqual([{ t: 1, value: 4 }]);
	});
});

describe('the outcome', () => {
	const gain = { figure: 'right', from: 2, at: 'gain', world: 1 } as const;

	test('is the first option whose conditions all hold', () => {
		const outcomes = [
			[{ ...gain, least: 0.3 }],
			[{ ...gain, least: 0.2 }],
			[{ ...gain, least: 0 }],
		];
		expect(outcomeIn({ outcomes }, [run])).toBe(1);
	});

	test('may compare two worlds, and is none where the records do not tell', () => {
		const minus = { figure: 'frontier', world: 1, minus: 2 } as const;
		const still = { ...run, scores: run.scores.slice(0, 1) };
		expect(outcomeIn({ outcomes: [[{ ...minus, least: 1 }]] }, [run, still])).toBe(0);
		expect(outcomeIn({ outcomes: [[{ ...minus, least: 1 }]] }, [run, run])).toBe(-1);
		expect(outcomeIn({ outcomes: [[{ ...minus, least: -9 }]] }, [run])).toBe(-1);
	});

	test('counts a difference of shares as it is written: 0.9 − 0.8 is at least 0.1', () => {
		const at = (correct: number): Measured => ({ ...run, scores: [score(0, 1, [correct])] });
		const outcomes = [[{ figure: 'right', world: 1, minus: 2, least: 0.1 } as const]];
		expect(outcomeIn({ outcomes }, [at(9), at(8)])).toBe(0);
	});
});

describe('the drawing', () => {
	const size = { width: 200, height: 100, left: 40, right: 10, top: 10, bottom: 20 };

	test('has an axis from 0 to 100 % for shares, whatever came out, and a line for each world', () => {
		const points = pointsOf({ figure: 'right', from: 2 }, run);
		const drawing = drawingOf('right', [points, []], 3, size);
		expect(drawing.levels.map(({ value }) => valueWords('right', value))).toEqual([
			'0\u00a0%',
			'25\u00a0%',
			'50\u00a0%',
			'75\u00a0%',
			'100\u00a0%',
		]);
		expect(drawing.paths).toEqual(['M40 34.5L190 20.5', '']);
		expect(drawing.rounds.map(({ t }) => t)).toEqual([0, 1, 2, 3]);
	});

	test('is there before anything is known', () => {
		const drawing = drawingOf('frontier', [[], []], 5, size);
		expect(drawing.levels.length).toBeGreaterThan(2);
		expect(drawing.levels.every(({ y }) => Number.isFinite(y))).toBe(true);
	});
});

describe('a figure as a file', () => {
	const of = { correct: 66, n: 80 };
	const drawn: Drawn = {
		figure: 'right',
		...{ title: 'Right of <held-out> tasks', note: '9 to 10 letters' },
		...{ recipe: 'Can it? · Seed 1 · ?rounds=2', names: ['one', 'two'], rounds: 2 },
		...{ axis: 'round', nameOf: (t: number) => (t === 0 ? 'start' : String(t)) },
		points: [
			[
				{ t: 0, value: 0.5, of: { correct: 40, n: 80 } },
				{ t: 2, value: 0.825, of },
			],
			[],
		],
	};

	test('is an SVG complete in itself, with its title, n, seed and a key for each world', () => {
		const svg = figureSvg(drawn);
		for (const words of [
			'Right of &lt;held-out&gt; tasks',
			'n = 80',
			'Seed 1',
			'one: 82.5',
			'two: –',
		])
			expect(svg).toContain(words);
		expect(svg).not.toMatch(/NaN|undefined|Infinity|var\(/);
	});

	test('is a table with a row for each world and round', () => {
		expect(figureCsv(drawn).split('\r\n')).toEqual([
			'# Right of <held-out> tasks',
			'# Can it? · Seed 1 · ?rounds=2',
			'# 9 to 10 letters; n = 80',
			'world,round,value,right,n',
			'one,start,0.5,40,80',
			'one,2,0.825,66,80',
			'',
		]);
	});
});
