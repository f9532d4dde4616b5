/** @file The examination of one difficulty: held-out problems, the verifier, right answers out of n. */
import { derive, random } from '#base/random.ts';
import { asked } from '#environments/environment.ts';
import { ask, verdictOf } from '#loop/ask.ts';
import { drawItems } from '#loop/draw.ts';
import { reportStep } from '#loop/report.ts';
import type { Context, ScoreCell } from '#loop/types.ts';

/** Shares of right answers, of the strata where anything could be judged. */
export const sharesOf = (cells: readonly ScoreCell[]): readonly number[] =>
	cells.filter(({ n }) => n > 0).map(({ correct, n }) => correct / n);

/**
 * Asks up to `count` held-out problems of each stratum, one greedy answer in the plain view. Neither round nor
 * policy is in the seed: it is the same examination every time.
 */
export async function examine(
	difficulty: number,
	count: number,
	context: Context,
	cell: string,
): Promise<readonly ScoreCell[]> {
	const { world, t } = context;
	const { environment } = world;
	const questions = environment.strata.flatMap((stratum) => {
		const stream = random(derive(world.seed, 'examination', difficulty, stratum));
		const items = drawItems(environment, 'held-out', difficulty, count, stream, stratum);
		return items.flatMap((item) => {
			const text = environment.show(item);
			const task = { id: text, item, difficulty, stratum, text };
			return environment
				.views(item, 1, stream)
				.map((view) => ({ task, view, prompt: asked(environment, item, view) }));
		});
	});
	const rollouts = await ask(questions, context, {
		temperature: 0,
		purpose: 'examination',
		onProgress: (done) => reportStep(context, cell, done, questions.length),
	});
	return environment.strata.map((stratum) => {
		// A fault of the verifier is left out of n; it is not a wrong answer.
		const verdicts = questions.flatMap(({ task }, i) => {
			const rollout = rollouts[i];
			return task.stratum === stratum && rollout
				? [verdictOf(environment, task, rollout).kind]
				: [];
		});
		const row = {
			difficulty,
			stratum,
			correct: verdicts.filter((kind) => kind === 'correct').length,
			n: verdicts.filter((kind) => kind !== 'unjudged').length,
		};
		if (row.n > 0) world.report({ kind: 'examined', t, cell: row });
		return row;
	});
}
