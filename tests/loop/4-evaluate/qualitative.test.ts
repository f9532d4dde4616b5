/** @file Qualitative evaluation: errors by their first wrong step, in words, and the objective that follows from them. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { openEnvironment } from '#environments/registry.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { qualitative } from '#loop/4-evaluate/qualitative.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import type { Context, Score } from '#loop/types.ts';
import { isScore } from '#runs/stored/score.ts';
import {
	addition,
	difficultyOfPrompt,
	objectiveAt,
	readPrompt,
	solve,
	testWorld,
	type Full,
} from '../world.ts';

const environment = openEnvironment('addition');
const knobs = { ...defaultsOf(qualitative.knobs), examined: 40, span: 'practised' } as const;
const contextOf = (
	script: (prompt: string) => string,
	over: Partial<Context<Full>> = {},
): Context<Full> => {
	const { context, world } = testWorld({ script });
	return context({ world: { ...world, environment }, ...over });
};

/** Forgets every carry into the third column of sums of numbers that are equally long, from 9 digits on. */
function forgetful(prompt: string): string {
	const { a, b } = readPrompt(prompt);
	const carries = Number(a.slice(-2)) + Number(b.slice(-2)) >= 100;
	if (!carries || a.length !== b.length || difficultyOfPrompt(prompt) < 9)
		return solve(addition, prompt);
	return solve(addition, prompt, String(BigInt(a) + BigInt(b) - 100n));
}

test('names the commonest error and its place, with how many there are of each', async () => {
	const { report } = await qualitative.create(knobs)([], contextOf(forgetful));
	const [where, what, ...more] = report.score.findings ?? [];
	const cell = report.score.cells.find(
		({ difficulty, stratum }) => difficulty === 9 && stratum === 'equal',
	);
	const wrong = (cell?.n ?? 0) - (cell?.correct ?? 0);
	expect(wrong).toBeGreaterThan(8);
	expect(where).toBe(`At 9 digits ${wrong} of 80 sums are wrong.`);
	expect(what).toBe(
		`It drops a carry in ${wrong} of ${wrong}, ${wrong} of them in the third column from the right.`,
	);
	expect(more).toEqual([]);
	expect(cell?.faults).toEqual([
		{ fault: 'drops a carry', at: 'in the third column from the right', n: wrong },
	]);
	expect(isScore(JSON.parse(JSON.stringify(report.score)))).toBe(true);
});

test('counts the same right answers as without words', async () => {
	const plain = await quantitative.create(knobs)([], contextOf(forgetful));
	const told = await qualitative.create(knobs)([], contextOf(forgetful));
	const counts = ({ cells }: Score) => cells.map(({ correct, n }) => [correct, n]);
	expect(counts(told.report.score)).toEqual(counts(plain.report.score));
});

test('what fails most is practised next: its stratum, with the reason, and half of the new problems', async () => {
	const { objective } = await qualitative.create(knobs)([], contextOf(forgetful));
	expect(objective).toMatchObject({
		difficulty: 9,
		stratum: 'equal',
		direction: 'improve-performance',
	});
	expect(objective.why).toMatch(
		/^at 9 digits \d+ of 80 sums are wrong, and in \d+ of them it drops a carry$/,
	);
	const tasks = await knowledgeFree.create({ problems: 200, spread: 'drawn' })(
		contextOf(forgetful, { objective }),
	);
	expect(new Set(tasks.map(({ text }) => text)).size).toBe(200);
	const equal = tasks.filter(({ stratum }) => stratum === 'equal').length;
	// Half of them, and half of the other half.
	expect(equal).toBeGreaterThan(130);
	expect(equal).toBeLessThan(170);
});

test('a skill that was mastered and is lost comes first, as an invariant', async () => {
	const at = (correct: number): Score => ({
		...{ t: 1, policy: 'p', frontier: 9, threshold: 0.9 },
		cells: [{ difficulty: 9, stratum: 'equal', correct, n: 40 }],
	});
	const practising = { objective: objectiveAt(11), t: 2 };
	const span = { ...knobs, span: 'all' } as const;
	const lost = await qualitative.create(span)(
		[],
		contextOf(forgetful, { ...practising, accepted: at(40) }),
	);
	expect(lost.objective).toMatchObject({ difficulty: 9, direction: 'enhance-safety' });
	expect(lost.objective.why).toMatch(/^what was mastered is lost: at 9 digits/);
	const never = await qualitative.create(span)(
		[],
		contextOf(forgetful, { ...practising, accepted: at(3) }),
	);
	expect(never.objective).toMatchObject({ difficulty: 9, direction: 'improve-performance' });
});

test('where nothing fails there is nothing to say, and the stratum of before is practised no longer', async () => {
	const objective = { ...objectiveAt(30), stratum: 'equal' };
	const right = await qualitative.create(knobs)(
		[],
		contextOf((prompt) => solve(addition, prompt), { objective }),
	);
	expect(right.report.score).not.toHaveProperty('findings');
	expect(right.objective).not.toHaveProperty('stratum');
});

test('without steering the objective is that of the quantitative evaluation', async () => {
	const plain = await quantitative.create(knobs)([], contextOf(forgetful));
	const told = await qualitative.create({ ...knobs, steers: false })([], contextOf(forgetful));
	expect(told.objective).toEqual(plain.objective);
});

test('an environment without known faults has its errors by kind of task', async () => {
	const { faults: _faults, ...plain } = environment;
	const { world, context } = testWorld({ script: forgetful });
	const { report } = await qualitative.create(knobs)(
		[],
		context({ world: { ...world, environment: plain } }),
	);
	expect(report.score.findings?.[1]).toMatch(
		/^It answers wrongly in \d+ of \d+, \d+ of them \(equal\)\.$/,
	);
});
