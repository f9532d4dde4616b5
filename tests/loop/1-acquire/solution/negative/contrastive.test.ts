/** @file Contrastive solutions: a problem is sampled until its answers differ, and the better of them make pairs. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { environment as verifier } from '#loop/1-acquire/feedback/environment.ts';
import { model as vote } from '#loop/1-acquire/feedback/model.ts';
import { contrastive } from '#loop/1-acquire/solution/negative/contrastive.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { pairsOf } from '#loop/3-update/pairs.ts';
import { defaultsOf } from '#base/knobs.ts';
import { shownPrompt } from '#base/prompt.ts';
import { addition, readPrompt, solve, someTask, solveWrongly, testWorld } from '../../../world.ts';

const tasks = [1, 2, 3].map((seed) => someTask(9, 'training', seed));
const [sure, torn, late] = tasks.map(({ item }) => String(item['a']));

/** Always right about the first, of two minds about the second, and about the third only after four answers. */
function minded() {
	const asked = new Map<string, number>();
	return scripted({
		script: (prompt) => {
			const { a } = readPrompt(prompt);
			const n = (asked.get(a) ?? 0) + 1;
			asked.set(a, n);
			const errs = (a === torn && n % 2 === 0) || (a === late && n === 6);
			return errs ? solveWrongly(addition, prompt) : solve(addition, prompt);
		},
	});
}
const make = contrastive.create({ samples: 4, most: 8, temperature: 1 });

test('asks again only those whose answers are all alike, up to the limit', async () => {
	const world = testWorld({ engine: minded() });
	const solutions = await make(tasks, world.context());
	expect(solutions.map(({ task }) => task)).toEqual(tasks);
	expect(solutions.map(({ rollouts }) => rollouts.length)).toEqual([8, 4, 8]);
	const asked = world.engine.calls.flatMap((call) =>
		call.kind === 'generate' ? [call.prompts.map((prompt) => readPrompt(prompt).a)] : [],
	);
	expect(asked.map((of) => [...new Set(of)])).toEqual([
		[sure, torn, late],
		[sure, late],
	]);
	for (const { task, rollouts } of solutions)
		for (const rollout of rollouts) expect(rollout).toMatchObject({ group: task.id });
});

test('the verifier decides which is preferred; without it the vote does', async () => {
	const world = testWorld({ engine: minded() });
	const context = world.context();
	const solutions = await make(tasks, context);
	const filter = metricBased.create({ ...defaultsOf(metricBased.knobs), minScore: 1 });
	const judged = await filter(await verifier.create({})(solutions, context), context);
	const pairs = pairsOf(judged, addition);
	expect(pairs).toHaveLength(2);
	for (const pair of pairs) {
		if (pair.kind !== 'pair') throw new Error('Only pairs are made.');
		expect(pair.chosen.completion).toBe(solve(addition, shownPrompt(pair.prompt)));
		expect(pair.rejected.completion).toBe(solveWrongly(addition, shownPrompt(pair.prompt)));
	}
	const voted = await filter(await vote.create({})(solutions, context), context);
	expect(pairsOf(voted, addition)).toEqual(pairs);
});

test('a limit that the samples do not divide is kept', async () => {
	const world = testWorld();
	const [first] = await contrastive.create({ samples: 4, most: 6, temperature: 1 })(
		tasks.slice(0, 1),
		world.context(),
	);
	expect(first?.rollouts).toHaveLength(6);
});
