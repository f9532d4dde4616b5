/** @file The examination: what it covers, what it counts, and what it may not know. */
import { describe, expect, test } from 'vitest';
import { scripted, type ScriptedEngine } from '#engines/scripted.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import type { Context, Experience, Score } from '#loop/types.ts';
import {
	addition,
	difficultyOfPrompt,
	keptExperience,
	objectiveAt,
	readPrompt,
	solve,
	solveWrongly,
	someTask,
	testWorld,
	type Full,
} from '../world.ts';
import { altered } from '../../environments/altered.ts';

const knobs = {
	examined: 20,
	threshold: 0.9,
	lookAhead: 1,
	minKept: 5,
	fewKept: 0,
	stride: 1,
	gate: 'off' as const,
	span: 'all' as const,
	elsewhereExamined: 10,
	elsewhereEvery: 3,
	recalled: 0,
	aim: 'performance' as const,
	passTries: 0,
	begins: 'taught' as 'taught' | 'mastered',
};
const kept = (n: number): readonly Experience[] =>
	Array.from({ length: n }, (_, i) => keptExperience(someTask(9, 'training', i + 1)));
/** Right up to `knows` digits. */
const knowing = (knows: number): ScriptedEngine =>
	scripted({
		script: (prompt) =>
			difficultyOfPrompt(prompt) <= knows
				? solve(addition, prompt)
				: solveWrongly(addition, prompt),
	});
const difficultiesOf = (score: Score) => [...new Set(score.cells.map((cell) => cell.difficulty))];

async function evaluate(
	knows: number,
	over: Partial<Context<Full>>,
	options: { refined?: readonly Experience[]; knobs?: Partial<typeof knobs> } = {},
) {
	const at = testWorld({ engine: knowing(knows) });
	const cell = quantitative.create({ ...knobs, ...options.knobs });
	const { report, objective, decision } = await cell(options.refined ?? [], at.context(over));
	return { at, score: report.score, next: objective, decision };
}

describe('what it covers', () => {
	test('before the first round: all that was taught, and on to where nothing is right', async () => {
		const { score } = await evaluate(10, { t: 0 });
		expect(difficultiesOf(score)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
		expect(score.frontier).toBe(10);
	});

	test('the entrance examination says where to begin: one past what is mastered', async () => {
		expect((await evaluate(10, { t: 0 })).next).toMatchObject(objectiveAt(11));
		// Not inside what was taught, however badly it went.
		expect((await evaluate(5, { t: 0 })).next).toMatchObject(objectiveAt(9));
		// Unless it is to begin there.
		const begins = { knobs: { begins: 'mastered' } } as const;
		expect((await evaluate(5, { t: 0 }, begins)).next).toMatchObject(objectiveAt(6));
		expect((await evaluate(10, { t: 0 }, begins)).next).toMatchObject(objectiveAt(11));
	});

	test('between: what is practised and what comes next, on while it passes', async () => {
		const { score } = await evaluate(9, { t: 1 });
		expect(difficultiesOf(score)).toEqual([9, 10]);
		expect(score.frontier).toBe(9);
		expect(difficultiesOf((await evaluate(12, { t: 1 })).score)).toEqual([9, 10, 11, 12, 13]);
	});

	test('below a failure it goes down to firm ground', async () => {
		const { score } = await evaluate(6, { t: 1 });
		expect(difficultiesOf(score)).toEqual([6, 7, 8, 9, 10]);
		expect(score.frontier).toBe(6);
	});

	test('after the last round: all that was taught again', async () => {
		const { score } = await evaluate(9, { t: 3, rounds: 3 });
		expect(difficultiesOf(score)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
	});

	test('a model that can do nothing has its frontier below the easiest', async () => {
		expect((await evaluate(0, { t: 1 })).score.frontier).toBe(0);
	});

	test('the frontier needs every stratum: equal alone is not enough', async () => {
		const script = (prompt: string) => {
			const { a, b } = readPrompt(prompt);
			return a.length === b.length || a.length < 9
				? solve(addition, prompt)
				: solveWrongly(addition, prompt);
		};
		const at = testWorld({ script });
		const { report } = await quantitative.create(knobs)([], at.context());
		const { score } = report;
		expect(score.cells.find((c) => c.difficulty === 9 && c.stratum === 'equal')?.correct).toBe(20);
		expect(score.frontier).toBe(8);
	});
});

describe('what it counts', () => {
	test('asks different held-out problems only, greedily, as many of each stratum', async () => {
		const { at, score } = await evaluate(9, { t: 1 });
		for (const { n } of score.cells) expect(n).toBe(20);
		const calls = at.engine.calls.filter((call) => call.kind === 'generate');
		const prompts = calls.flatMap((call) => call.prompts);
		const keys = prompts.map((prompt) => {
			const { a, b } = readPrompt(prompt);
			expect(addition.tasks.isHeldOut({ a, b })).toBe(true);
			return addition.tasks.keyOf({ a, b });
		});
		expect(new Set(keys).size).toBe(keys.length);
		expect(calls.every((call) => call.options.temperature === 0)).toBe(true);
	});

	test('asks the same problems in every round', async () => {
		const prompts = await Promise.all(
			[1, 2].map(async (t) =>
				(await evaluate(9, { t })).at.engine.calls.flatMap((call) =>
					call.kind === 'generate' ? call.prompts : [],
				),
			),
		);
		expect(prompts[1]).toEqual(prompts[0]);
	});

	test('what the verifier cannot judge is left out of n, and mastered by nobody', async () => {
		let asked = 0;
		const broken = altered(addition, {
			reference: {
				solve: (item) => {
					if (addition.tasks.difficultyOf(item) === 9 && asked++ % 2 === 0)
						throw new Error('out of order');
					if (addition.tasks.difficultyOf(item) === 10) throw new Error('out of order');
					return addition.reference.solve(item);
				},
			},
		});
		const at = testWorld({ environment: broken, engine: knowing(30) });
		const { report } = await quantitative.create(knobs)([], at.context());
		const { score } = report;
		expect(score.cells.map(({ difficulty, n, correct }) => [difficulty, n, correct])).toEqual([
			[9, 10, 10],
			[9, 10, 10],
		]);
		expect(score.frontier).toBe(9);
	});

	test('reports each cell as it is known', async () => {
		const { at, score } = await evaluate(9, { t: 1 });
		const reported = at.reports.flatMap((r) => (r.kind === 'examined' ? [r.cell] : []));
		expect(reported).toEqual(score.cells);
	});
});

describe('what comes next', () => {
	test('one step harder when enough was kept, else the same again', async () => {
		expect((await evaluate(9, { t: 1 }, { refined: kept(5) })).next.difficulty).toBe(10);
		expect((await evaluate(9, { t: 1 }, { refined: kept(4) })).next.difficulty).toBe(9);
	});

	test('one step easier when next to nothing was kept, and not below the easiest there is', async () => {
		const few = (n: number, difficulty: number) =>
			evaluate(
				0,
				{ t: 1, objective: objectiveAt(difficulty) },
				{ refined: kept(n), knobs: { fewKept: 3, examined: 10 } },
			);
		expect((await few(2, 9)).next).toMatchObject({
			difficulty: 8,
			why: 'only 2 problems were kept: one step easier',
		});
		expect((await few(3, 9)).next.difficulty).toBe(9);
		const { min } = addition.tasks.difficulty;
		expect((await few(0, min)).next.difficulty).toBe(min);
	});

	test('is decided without the truth: how well the examination went makes no difference', async () => {
		for (const n of [0, 4, 5, 20]) {
			const [bad, good] = await Promise.all(
				[0, 15].map(async (knows) => (await evaluate(knows, { t: 1 }, { refined: kept(n) })).next),
			);
			expect(bad).toEqual(good);
		}
	});

	test('moves by the stride, and not past the hardest there is', async () => {
		const refined = kept(9);
		const stride = async (n: number, difficulty: number) =>
			(
				await evaluate(
					0,
					{ t: 1, objective: objectiveAt(difficulty) },
					{ refined, knobs: { stride: n, examined: 10 } },
				)
			).next.difficulty;
		expect(await stride(0, 9)).toBe(9);
		expect(await stride(2, 9)).toBe(11);
		expect(await stride(2, addition.tasks.difficulty.max)).toBe(addition.tasks.difficulty.max);
	});
});
