/** @file Self-play: each move a row under its own position, held-out positions dropped, and who sits in which seat. */
import { describe, expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { shownPrompt } from '#base/prompt.ts';
import { scripted } from '#engines/scripted.ts';
import { openEnvironment } from '#environments/registry.ts';
import type { Item } from '#environments/item.ts';
import { outcomeOfGame } from '#loop/1-acquire/feedback/environment/outcome.ts';
import { selfPlay } from '#loop/1-acquire/solution/positive/self-play.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { examplesOf } from '#loop/3-update/plan.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import type { Task } from '#loop/types.ts';
import type { Adapter } from '#model/adapter.ts';
import { random } from '#base/random.ts';
import { testWorld } from '../../../world.ts';

const nim = openEnvironment('nim', { working: 'none' });
const adapter: Adapter = { parameters: { kind: 'full' }, tensors: new Map() };
const knobs = { ...defaultsOf(selfPlay.knobs), temperature: 0, games: 2, moves: 64 };

const taskOf = (item: Item): Task => ({
	...{ id: nim.words.show(item), item, text: nim.words.show(item) },
	...{ difficulty: nim.tasks.difficultyOf(item), stratum: 'all' },
});
const drawn = (count: number, seed = 1): readonly Task[] => {
	const stream = random(seed);
	return Array.from({ length: count }, () => taskOf(nim.tasks.draw(3, stream)));
};
const heapsOf = (prompt: string): readonly number[] =>
	Array.from(prompt.replace(/\/.*/, ''), Number);

/** The base model takes one of the first heap; the policy plays exactly. */
const model = () =>
	scripted({
		script: (prompt, { adapter: speaking }) => {
			const heaps = heapsOf(prompt);
			const move = speaking ? nim.reference.solve({ heaps }) : `${heaps[0] ?? 0}1`;
			return move;
		},
		score: (_prompt, said) => Array.from(said, () => -0.5),
	});

async function play(tasks: readonly Task[], over: Partial<typeof knobs> = {}, engine = model()) {
	const at = testWorld({ environment: nim, engine, start: { model: 'nim', taught: [2, 3] } });
	await engine.setAdapter(adapter);
	const policy = childOf(basePolicy('nim'), { adapter });
	const context = { ...at.context({ policy }), world: { ...at.world, environment: nim } };
	const solutions = await selfPlay.create({ ...knobs, ...over })(tasks, context);
	return { context, solutions, engine };
}

describe('moves', () => {
	test('become rows of the position in which they were made, with prompt, answer, result and the rest of the game', async () => {
		const { solutions } = await play(drawn(10));
		expect(solutions.length).toBeGreaterThan(10);
		for (const { task, rollouts } of solutions) {
			const { heaps } = task.item;
			expect(task.text).toBe((heaps as readonly number[]).join(' '));
			for (const { turns, answer, rewards, game, group } of rollouts) {
				expect(group).toBe(task.id);
				expect(shownPrompt(turns[0]?.content ?? '')).toBe(
					nim.open(task.item, { order: 0 }).first(),
				);
				expect(turns.at(-1)).toMatchObject({ content: `${answer ?? ''}$`, sampled: true });
				expect(game?.[0]).toMatchObject({ item: task.item, answer });
				// Both play exactly: who moves in a won position wins.
				const won = nim.tasks.kindOf?.(task.item) === 'win' ? 1 : 0;
				expect(rewards).toEqual({ outcome: { value: won, weight: 1 } });
			}
		}
		expect(new Set(solutions.map(({ task }) => task.id)).size).toBe(solutions.length);
	});

	test('made in a held-out position are played and never learnt', async () => {
		const { solutions, engine, context } = await play(drawn(60));
		const asked = engine.calls.flatMap((call) =>
			call.kind === 'generate' ? call.prompts.map((prompt) => heapsOf(shownPrompt(prompt))) : [],
		);
		const held = asked.filter((heaps) => nim.tasks.isHeldOut({ heaps }));
		expect(held.length).toBeGreaterThan(50);
		const rows = solutions.flatMap(({ rollouts }) => rollouts);
		expect(rows).toHaveLength(asked.length - held.length);
		for (const { task } of solutions) expect(nim.tasks.isHeldOut(task.item)).toBe(false);
		const judged = await outcomeOfGame.create({ credit: 'game' })(solutions, context);
		const filter = metricBased.create({ ...defaultsOf(metricBased.knobs), minScore: 0 });
		const learnt = examplesOf(await filter(judged, context), nim);
		expect(learnt.length).toBeGreaterThan(50);
		for (const example of learnt) {
			const heaps = heapsOf(example.kind === 'text' ? shownPrompt(example.prompt) : '');
			expect(nim.tasks.isHeldOut({ heaps })).toBe(false);
		}
	});

	test('are learnt up to the number asked for', async () => {
		const { solutions } = await play(drawn(5), { moves: 1 });
		expect(solutions.map(({ task }) => task.text).sort()).toEqual(
			[...new Set(drawn(5).map(({ text }) => text))].sort(),
		);
	});

	test('are the same for the same seed', async () => {
		const [one, other] = await Promise.all([play(drawn(5)), play(drawn(5))]);
		expect(one.solutions).toEqual(other.solutions);
	});
});

describe('an opponent', () => {
	test('has the other seat in turn, with its own weights, and only moves of the policy are rows', async () => {
		const { solutions, engine } = await play(drawn(10), { opponent: 'base' });
		const seats = solutions.flatMap(({ rollouts }) => rollouts.map(({ seat }) => seat));
		expect(new Set(seats)).toEqual(new Set(['first', 'second']));
		for (const { task, rollouts } of solutions)
			for (const { answer } of rollouts) expect(answer).toBe(nim.reference.solve(task.item));
		const set = engine.calls.flatMap((call) => (call.kind === 'setAdapter' ? [call.adapter] : []));
		expect(set).toContain(null);
		expect(set.at(-1)).toBe(adapter);
	});
});

test('an answer that the rules forbid loses, and is a row without an answer', async () => {
	const engine = scripted({ script: () => '99' });
	const { solutions } = await play(drawn(1), {}, engine);
	expect(solutions).toHaveLength(1);
	for (const rollout of solutions[0]?.rollouts ?? [])
		expect(rollout).toMatchObject({
			...{ answer: null, malformed: 'the rules forbid it' },
			rewards: { outcome: { value: 0 } },
		});
});
