/** @file What the World page draws is what was counted. */
import { describe, expect, test } from 'vitest';
import { wilson } from '#loop/interval.ts';
import { metricWords } from '#runs/measure/metric-words.ts';
import { pointOf } from '#runs/progress.ts';
import { curveOf, summaries, thin } from '../../src/ui/world/map/chart.ts';
import { flow, heap, middle, perDot, squares, stage } from '../../src/ui/world/dome/dots.ts';
import { mapOf } from '../../src/ui/world/map/map.ts';
import { clock, many, percent } from '../../src/ui/world/words.ts';
import { refined, score, start } from './events.ts';

describe('what the objective measures', () => {
	const point = (t: number, step: number, metrics?: Record<string, number>) => ({
		...{ t, step, loss: 1, gradientNorm: 1 },
		...(metrics && { metrics }),
	});

	test('is told of each round as the mean of its last steps', () => {
		const curve = Array.from({ length: 12 }, (_, i) => point(1, i + 1, { kl: i < 2 ? 99 : 0.5 }));
		const rows = summaries([...curve, point(2, 1)]);
		expect(rows.map(({ metrics }) => metrics)).toEqual([{ kl: 0.5 }, {}]);
		expect(rows.map(({ metrics }) => metricWords(metrics))).toEqual(['kl 0.5', '']);
	});

	test('comes with the steps of a run that is shown, live or stored', () => {
		const progress = { kind: 'trained', t: 1, step: 1, steps: 2, report: stepReport } as const;
		expect(pointOf({ ...progress, metrics: { accuracy: 0.75 } })).toEqual({
			...{ t: 1, step: 1, loss: 1, gradientNorm: 2, metrics: { accuracy: 0.75 } },
		});
		expect(pointOf(progress)).toEqual({ t: 1, step: 1, loss: 1, gradientNorm: 2 });
	});
});
const stepReport = { loss: 1, gradientNorm: 2, learningRate: 1, tokens: 1, durationMs: 1 };

describe('the map of accuracy', () => {
	test('a square shows its lowest stratum, with the interval of both behind it', () => {
		const map = mapOf([start], [], 0, 2);
		const square = map.rows[0]?.squares[3];
		expect(square?.share).toBe(117 / 200);
		expect(square?.results.map((r) => r.interval)).toEqual([wilson(120, 200), wilson(117, 200)]);
		expect(map.rows.map((row) => row.t)).toEqual([0, 1, 2]);
		expect(map.rows[2]?.squares.every((s) => s === null)).toBe(true);
	});

	test('one difficulty of a chat is drawn kind by kind, with the share of all', () => {
		const cell = (stratum: string, correct: number) => ({ difficulty: 1, stratum, correct, n: 40 });
		const first = { ...start, cells: [cell('format', 20), cell('json', 0)] };
		const map = mapOf([first], [], 0, 1, true);
		expect(map.byKind).toBe(true);
		expect(map.columns.map(({ stratum }) => stratum)).toEqual(['format', 'json']);
		expect(map.rows[0]?.squares.map((s) => s?.share)).toEqual([0.5, 0]);
		expect(map.rows.map(({ share }) => share)).toEqual([0.25, null]);
		// Several difficulties, or one kind, are columns of difficulty.
		expect(mapOf([start], [], 0, 1, true).byKind).toBe(false);
		expect(mapOf([{ ...first, cells: [cell('json', 1)] }], [], 0, 1, true).byKind).toBe(false);
		expect(mapOf([first], [], 0, 1).columns).toEqual([{ difficulty: 1 }]);
	});

	test('the frontier is the one of the score, and only that', () => {
		const map = mapOf([start], [], 0, 0);
		expect(map.rows[0]?.squares.map((s) => s?.frontier)).toEqual([
			false,
			false,
			true,
			false,
			false,
		]);
		expect(map.rows[0]?.squares.map((s) => s?.reached)).toEqual([true, true, true, false, false]);
	});

	test('an examination under way fills its row without a frontier', () => {
		const map = mapOf([start], start.cells.slice(0, 2), 1, 1);
		expect(map.rows[1]).toMatchObject({ partial: true, frontier: null, retention: null });
		expect(map.rows[1]?.squares.map((s) => s !== null)).toEqual([true, false, false, false, false]);
	});

	test('forgetting shows as points lost at the difficulty that lost most', () => {
		const after = score(1, [200, 179, 196, 199, 196], 1);
		const retention = mapOf([start, after], [], 1, 1).rows[1]?.retention;
		expect(retention?.worstDifficulty).toBe(2);
		expect(retention?.worstLoss).toBeCloseTo(10, 5);
		expect(retention?.n).toBe(1200);
		expect(retention?.share).toBeCloseTo((2 * (200 + 179 + 196) - 9) / 1200, 5);
	});

	test('a round that was undone has its numbers and its reason, and no frontier', () => {
		const undone = { ...score(1, [200, 150, 196, 199, 196], 1), rolledBack: 'it fell' };
		const row = mapOf([start, undone], [], 1, 1).rows[1];
		expect(row).toMatchObject({ frontier: null, undone: 'Round 1 was undone: it fell.' });
		expect(row?.squares[1]).toMatchObject({ share: 147 / 200, frontier: false });
		expect(row?.squares[0]?.frontier).toBe(false);
		expect(mapOf([start], [], 1, 1).rows[0]?.undone).toBeNull();
	});

	test('nothing is said of forgetting if not all of the start was asked again', () => {
		const after = score(1, [200, 199, 196, 199, 196], 5);
		const some = { ...after, cells: after.cells.filter((cell) => cell.difficulty !== 2) };
		expect(mapOf([start, some], [], 1, 1).rows[1]?.retention).toBeNull();
	});
});

describe('the dots', () => {
	const samples = refined.map((experience) => ({ experience, row: null }));
	const at = { t: 1, asked: 400, kept: null, samples, progress: 1, training: null };

	test('one stands for several, so that there are never more than 48', () => {
		for (const asked of [1, 47, 48, 49, 400, 100_000]) {
			const dots = flow({ ...at, phase: 'acquire', asked });
			expect(dots.length).toBeLessThanOrEqual(48);
			expect(dots.length).toBe(Math.ceil(asked / perDot(asked)));
		}
	});

	test('as many have appeared as have been answered', () => {
		expect(flow({ ...at, phase: 'acquire', progress: 0 })).toEqual([]);
		const all = flow({ ...at, phase: 'acquire' }).length;
		const half = flow({ ...at, phase: 'acquire', progress: 0.5 }).length;
		expect(Math.abs(half - all / 2)).toBeLessThanOrEqual(1);
	});

	test('what falls and what stays are in proportion to the counts', () => {
		const dots = flow({ ...at, phase: 'update', kept: 100, progress: 0 });
		const stay = dots.filter((dot) => dot.state === 'kept').length;
		expect(stay / dots.length).toBeCloseTo(0.25, 1);
		expect(dots.length - stay).toBe(dots.filter((dot) => dot.state === 'fallen').length);
	});

	test('a dot that stays opens an experience that was kept, one that falls one that was not', () => {
		for (const dot of flow({ ...at, phase: 'update', kept: 240, progress: 0 }))
			expect(dot.sample?.experience.fate.kind).toBe(dot.state === 'kept' ? 'kept' : 'set-aside');
	});

	test('a dot stands on the arc of its phase', () => {
		for (const phase of ['acquire', 'refine', 'update'] as const)
			for (const dot of flow({ ...at, phase, progress: phase === 'acquire' ? 1 : 0 }))
				expect(Math.abs(dot.angle - middle[phase])).toBeLessThanOrEqual(40);
	});

	test('every optimizer step moves a dot, and the arc holds them all the while', () => {
		const total = 60;
		const after = (done: number) =>
			flow({
				...{ ...at, phase: 'update', kept: 362, progress: done / total },
				training: { done, total },
			});
		for (let step = 1; step < total; step++) {
			const [before, now] = [after(step - 1), after(step)];
			const moved = now.filter((dot, i) => dot.angle !== before[i]?.angle);
			expect(moved.length, `step ${step}`).toBeGreaterThanOrEqual(1);
			for (const dot of now.filter(({ state }) => state === 'kept'))
				expect(Math.abs(dot.angle - middle.update)).toBeLessThanOrEqual(40);
		}
	});

	test('nothing moves before the first round', () => {
		expect(flow({ ...at, t: 0, phase: 'evaluate' })).toEqual([]);
	});

	test('squares stand along the last arc, as full as their share is right', () => {
		const drawn = squares(start.cells, 20);
		expect(drawn.map((s) => s.share)).toEqual(start.cells.map((c) => c.correct / c.n));
		for (const { angle } of drawn)
			expect(Math.abs(angle - middle.evaluate)).toBeLessThanOrEqual(40);
	});

	test.each([0, 1, 7, 66, 67, 1234, 987_654])('a heap of %i says what a dot stands for', (n) => {
		const { each, points } = heap(n, 100);
		expect(points.length).toBe(Math.ceil(n / each));
		expect(points.length).toBeLessThanOrEqual(66);
		for (const { y } of points) expect(y).toBeLessThan(stage.floor);
	});
});

describe('the learning curve', () => {
	const curve = Array.from({ length: 1000 }, (_, i) => ({
		t: i < 400 ? 1 : 2,
		step: i,
		loss: 1 / (i + 1),
		gradientNorm: 1,
	}));

	test('has one stroke per round, however many steps', () => {
		const drawn = curveOf(curve, 260, 112);
		expect(drawn.loss.length).toBe(2);
		expect(drawn.rounds.map((round) => round.t)).toEqual([1, 2]);
		expect(drawn.loss.join('').length).toBeLessThan(4000);
		expect(drawn.loss.join('')).not.toMatch(/NaN|Infinity/);
	});

	test('thinning keeps the mean', () => {
		const mean = (list: readonly { loss: number }[]) =>
			list.reduce((sum, p) => sum + p.loss, 0) / list.length;
		expect(mean(thin(curve, 100))).toBeCloseTo(mean(curve), 6);
	});

	test('the table gives first loss and mean of the last ten', () => {
		const [first] = summaries(curve);
		expect(first).toMatchObject({ t: 1, steps: 400, firstLoss: 1, gradientNorm: 1 });
		expect(first?.lastLoss).toBeCloseTo(1 / 395.5, 5);
	});
});

test('numbers are said as people say them', () => {
	expect(percent(0.9871)).toBe('98.7\u00a0%');
	expect(percent(1)).toBe('100\u00a0%');
	expect(many(1, 'digits')).toBe('1 digit');
	expect(many(1200, 'digits')).toBe('1,200 digits');
	expect(clock(125_400)).toBe('2:05');
});
