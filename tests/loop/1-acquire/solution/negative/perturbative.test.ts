/** @file Perturbative solutions: good answers beside spoilt ones that carry the way as a label, and the pairs they make. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { shownPrompt } from '#base/prompt.ts';
import { environment as verifier } from '#loop/1-acquire/feedback/environment.ts';
import { model as vote } from '#loop/1-acquire/feedback/model.ts';
import { perturbative } from '#loop/1-acquire/solution/negative/perturbative.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { pairsOf } from '#loop/3-update/pairs.ts';
import type { Context } from '#loop/types.ts';
import type { Everything } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { addition, readPrompt, solve, someTask, solveWrongly, testWorld } from '../../../world.ts';

const { faults } = openEnvironment('addition');
const tasks = Array.from({ length: 30 }, (_, i) => someTask(9, 'training', i + 1));
const wrongOne = String(tasks[0]?.item['a']);

/** Right about all but the first. */
const world = () =>
	testWorld({
		script: (prompt) =>
			readPrompt(prompt).a === wrongOne ? solveWrongly(addition, prompt) : solve(addition, prompt),
	});
const contextOf = (at: ReturnType<typeof world>) => {
	const context = at.context();
	const environment = { ...context.world.environment, faults };
	return { ...context, world: { ...context.world, environment } } satisfies Context<Everything>;
};

test('each answer stands beside spoilt ones, labelled by the way that the environment finds in them', async () => {
	const context = contextOf(world());
	const solutions = await perturbative.create({ spoils: 3, temperature: 0 })(tasks, context);
	const ways = new Set<string>();
	for (const { task, rollouts } of solutions) {
		const [good, ...spoilt] = rollouts;
		expect(good).toMatchObject({ side: 'chosen', group: task.id });
		expect(spoilt.length).toBeGreaterThan(0);
		for (const one of spoilt) {
			expect(one).toMatchObject({ side: 'rejected', group: task.id });
			expect(faults.find(task.item, one.answer ?? '')?.way).toBe(one.spoilt);
			ways.add(one.spoilt ?? '');
		}
	}
	expect(ways).toContain('drops-carry');
	expect(ways.size).toBeGreaterThan(3);
	const again = await perturbative.create({ spoils: 3, temperature: 0 })(tasks, contextOf(world()));
	expect(again).toEqual(solutions);
});

test('a good answer is preferred to each of its spoilt ones; a wrong answer makes no pair', async () => {
	const context = contextOf(world());
	const solutions = await perturbative.create({ spoils: 3, temperature: 0 })(tasks, context);
	const filter = metricBased.create(defaultsOf(metricBased.knobs));
	const refined = await filter(await verifier.create({})(solutions, context), context);
	expect(refined[0]?.fate.kind).toBe('set-aside');
	const pairs = pairsOf(refined, addition);
	const spoilt = solutions.slice(1).flatMap(({ rollouts }) => rollouts.slice(1));
	expect(pairs).toHaveLength(spoilt.length);
	for (const pair of pairs) {
		if (pair.kind !== 'pair') throw new Error('Only pairs are made.');
		expect(pair.chosen.completion).toBe(solve(addition, shownPrompt(pair.prompt)));
		expect(pair.rejected.completion).not.toBe(pair.chosen.completion);
	}
	// The spoilt ones are never learnt from, however low the bar, and have no vote.
	const lowest = metricBased.create({ ...defaultsOf(metricBased.knobs), minScore: 0 });
	const voted = await lowest(await vote.create({})(solutions, context), context);
	for (const { fate, feedback, rollouts } of voted) {
		expect(fate.kind === 'kept' && fate.examples).toHaveLength(1);
		expect(feedback).toMatchObject({ answer: rollouts[0]?.answer, score: 1 });
	}
});
