/** @file Other environments in an evaluation: when they are examined, on what, and that they count. */
import { describe, expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { openEnvironment } from '#environments/registry.ts';
import { isDue, masteredIn } from '#loop/4-evaluate/elsewhere.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import type { Context, Place, Score } from '#loop/types.ts';
import { addition, readPrompt, solve, testWorld, type Full } from '../world.ts';

const sorting = openEnvironment('sorting');
const places: readonly Place<'score'>[] = [
	{ name: 'sorting', environment: sorting, range: [2, 4] },
];
const isSum = (prompt: string) => prompt.includes('+');
/** The digits of `a7b5c3=`, sorted as the environment wants them if `knows`, else as they stand. */
const sort = (prompt: string, knows: boolean): string => {
	const body = prompt.replace(/^.*_/, '').replace(/=$/, '');
	const digits = Array.from(body).filter((_, i) => i % 2 === 1);
	const offset = 'abcdefghijklmnopqrstuvwxyzABCDEF'.indexOf(body.charAt(0));
	const item = { digits: digits.join('') };
	const answer = knows ? sorting.reference.solve(item) : item.digits;
	return sorting.answers.write(item, { offset, order: 0, decoys: '' }, answer);
};
const knobs = {
	...defaultsOf(quantitative.knobs),
	...{ examined: 5, elsewhereExamined: 12, elsewhereEvery: 2 },
};

async function evaluate(
	over: Partial<Context<Full>>,
	{ sorts = true, set = {} }: { sorts?: boolean; set?: Partial<typeof knobs> } = {},
) {
	const script = (prompt: string) =>
		isSum(prompt) ? solve(addition, prompt) : sort(prompt, sorts);
	const at = testWorld({ engine: scripted({ script }) });
	const world = { ...at.world, places };
	const evaluation = await quantitative.create({ ...knobs, ...set })([], {
		...at.context({ ...over }),
		world,
	});
	return { at, evaluation, score: evaluation.report.score };
}

describe('another environment', () => {
	test('is examined first and last, every so many rounds between, and always under a gate', async () => {
		const rounds = [0, 1, 2, 3, 4, 5].map((t) => isDue({ t, rounds: 5 }, 2, false));
		expect(rounds).toEqual([true, false, true, false, true, true]);
		expect([0, 1, 2].map((t) => isDue({ t, rounds: 2 }, 0, false))).toEqual([true, false, true]);
		expect(isDue({ t: 1, rounds: 5 }, 0, true)).toBe(true);
		expect((await evaluate({ t: 1 })).score).not.toHaveProperty('elsewhere');
		expect((await evaluate({ t: 1 }, { set: { gate: 'any' } })).score).toHaveProperty('elsewhere');
	});

	test('has its own difficulties, number of questions and held-out problems, the same at each time', async () => {
		const { at, score } = await evaluate({ t: 0 });
		expect(score.elsewhere).toEqual([
			{
				environment: 'sorting',
				cells: [2, 3, 4].map((difficulty) => ({
					...{ difficulty, stratum: 'all', correct: 12, n: 12, outcomes: '+'.repeat(12) },
				})),
			},
		]);
		const asked = (one: typeof at) =>
			one.engine.calls.flatMap((call) =>
				call.kind === 'generate' ? call.prompts.filter((prompt) => !isSum(prompt)) : [],
			);
		expect(asked(at)).toHaveLength(36);
		expect(asked((await evaluate({ t: 2 })).at)).toEqual(asked(at));
		for (const prompt of asked(at)) {
			const digits = Array.from(prompt.replace(/^.*_/, '')).filter((_, i) => i % 2 === 1);
			expect(sorting.tasks.isHeldOut({ digits: digits.slice(0, 4).join('') })).toBe(true);
		}
	});

	test('is told apart from the practised one in what is reported', async () => {
		const { at, score } = await evaluate({ t: 2 });
		const examined = at.reports.filter((one) => one.kind === 'examined');
		expect(examined.flatMap((one) => (one.environment === undefined ? [one.cell] : []))).toEqual(
			score.cells,
		);
		expect(examined.flatMap((one) => (one.environment === 'sorting' ? [one.cell] : []))).toEqual(
			score.elsewhere?.[0]?.cells,
		);
	});

	test('leaves the practised examination as it is', async () => {
		const alone = testWorld({ script: (prompt) => solve(addition, prompt) });
		const { report } = await quantitative.create(knobs)([], alone.context({ t: 2 }));
		const { elsewhere: _, ...rest } = (await evaluate({ t: 2 })).score;
		expect(rest).toEqual(report.score);
		const sums = alone.engine.calls.flatMap((call) =>
			call.kind === 'generate' ? call.prompts.map(readPrompt) : [],
		);
		expect(sums.length).toBeGreaterThan(0);
	});

	test('is in the objective, with what must not be lost there under a gate', async () => {
		const off = await evaluate({ t: 2 });
		expect(off.evaluation.objective).toMatchObject({
			ability: 'addition',
			elsewhere: [{ environment: 'sorting', protects: [] }],
		});
		const gated = await evaluate({ t: 2 }, { set: { gate: 'significant' } });
		expect(gated.evaluation.objective.elsewhere).toEqual([
			{ environment: 'sorting', protects: [2, 3, 4] },
		]);
	});

	test('undoes an update that loses a skill there, and the next objective says why', async () => {
		const set = { gate: 'significant' } as const;
		const accepted: Score = (await evaluate({ t: 1 }, { set })).score;
		const { evaluation } = await evaluate({ t: 2, accepted }, { set, sorts: false });
		expect(evaluation.decision).toMatchObject({ accept: 'roll-back' });
		expect(evaluation.objective.why).toMatch(
			/^the update was rolled back: sorting, difficulty 2 \(all\) fell from 12 of 12 to /,
		);
		const kept = await evaluate({ t: 2, accepted }, { set });
		expect(kept.evaluation.decision).toEqual({ accept: 'keep' });
	});
});

test('a difficulty is mastered if every stratum of it is', () => {
	const cell = (difficulty: number, stratum: string, correct: number) => ({
		...{ difficulty, stratum, correct, n: 10 },
	});
	const cells = [cell(1, 'a', 9), cell(1, 'b', 10), cell(2, 'a', 10), cell(2, 'b', 8)];
	expect(masteredIn(cells, 0.9)).toEqual([1]);
});
