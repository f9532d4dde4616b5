/** @file pass@k: the unbiased estimate against all subsets, and in an examination beside the greedy answers. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { passAtK } from '#loop/4-evaluate/pass-at-k.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { isScore } from '#runs/stored/score.ts';
import { addition, learner, objectiveAt, testWorld } from '../world.ts';

/** Share of the subsets of k answers with a right one, by counting them. */
function byCounting(n: number, c: number, k: number): number {
	let [all, solved] = [0, 0];
	for (let set = 0; set < 2 ** n; set++) {
		const chosen = Array.from({ length: n }, (_, i) => i).filter((i) => (set >> i) & 1);
		if (chosen.length !== k) continue;
		all++;
		solved += Number(chosen.some((i) => i < c));
	}
	return solved / all;
}

test('is the share of all sets of k answers that hold a right one', () => {
	for (let n = 1; n <= 6; n++)
		for (let c = 0; c <= n; c++)
			for (let k = 1; k <= n; k++) expect(passAtK(n, c, k)).toBeCloseTo(byCounting(n, c, k), 10);
});

test('stands beside the greedy answers, rises with k, and is absent unless asked for', async () => {
	const { context } = testWorld({ engine: learner(addition, 8, 0.6) });
	const examine = async (passTries: number) => {
		const knobs = { ...defaultsOf(quantitative.knobs), examined: 20, lookAhead: 0 };
		const cell = quantitative.create({ ...knobs, span: 'practised', passTries });
		return (await cell([], context({ t: 0, objective: objectiveAt(9) }))).report.score;
	};
	const score = await examine(8);
	for (const { pass } of score.cells) {
		expect(pass?.tries).toBe(8);
		expect(Object.keys(pass?.at ?? {})).toEqual(['1', '2', '4', '8']);
		const shares = Object.values(pass?.at ?? {});
		expect(shares).toEqual(shares.toSorted((a, b) => a - b));
		expect(shares[0]).toBeLessThan(shares[3] ?? 0);
	}
	expect(isScore(JSON.parse(JSON.stringify(score)))).toBe(true);
	const plain = await examine(0);
	expect(plain.cells).toEqual(score.cells.map(({ pass: _pass, ...cell }) => cell));
});
