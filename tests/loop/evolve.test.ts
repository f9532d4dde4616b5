/** @file The loop: its order, its resumption at every phase, its seal. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evolve, type Method } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { Example } from '#loop/example.ts';
import { examplesIn } from '#loop/plan.ts';
import type { Experience, LoopEvent, LoopState } from '#loop/types.ts';
import { assemble } from '#runs/assemble.ts';
import { easyToHard } from '#methods/easy-to-hard.ts';
import { addition, learner, startOf, testWorld, type TestWorld } from './world.ts';

const small = { problems: 30, examined: 12, steps: 3, batch: 8, minKept: 5, lessons: 8 };
const { method } = assemble(easyToHard, small);

/** Runs like a session does: what was refined is kept and handed back as the past. */
async function run(
	start: LoopState,
	rounds: number,
	options: { seed?: number; past?: Experience[]; method?: Method } = {},
): Promise<{ events: LoopEvent[]; end: LoopState; past: Experience[]; at: TestWorld }> {
	const past = [...(options.past ?? [])];
	const at = testWorld({
		seed: options.seed ?? 1,
		engine: learner(addition, 8),
		past: () => past,
	});
	const events: LoopEvent[] = [];
	let before = start;
	const steps = evolve(options.method ?? method, start, at.world, rounds);
	for (;;) {
		const next = await steps.next();
		if (next.done) return { events, end: next.value, past, at };
		events.push(next.value);
		if (next.value.type === 'evaluated')
			past.push(...before.experience.filter((e) => e.fate.kind === 'kept'));
		before = next.value.state;
	}
}

const round = ['acquired', 'refined', 'updated', 'evaluated'];

describe('the loop', () => {
	test('examines the base model first, then goes through the four phases of each round', async () => {
		const { events, end } = await run(startState(addition, startOf(addition)), 2);
		expect(events.map((event) => event.type)).toEqual(['evaluated', ...round, ...round]);
		expect(events.map((event) => event.state.phase)).toEqual([
			'acquire',
			...['refine', 'update', 'evaluate', 'acquire'],
			...['refine', 'update', 'evaluate', 'acquire'],
		]);
		expect(end.t).toBe(3);
		expect(end).toBe(events.at(-1)?.state);
	});

	test('goes one difficulty up when enough was kept, and drops the experience after the examination', async () => {
		const { events } = await run(startState(addition, startOf(addition)), 2);
		const difficulties = events
			.filter((event) => event.type === 'evaluated')
			.map((event) => event.state.objective.difficulty);
		expect(difficulties).toEqual([9, 10, 11]);
		for (const { type, state } of events)
			expect(state.experience.length > 0).toBe(type !== 'evaluated');
	});

	test('names a new policy at every update, and the engine speaks with it before it is examined', async () => {
		const { events, at } = await run(startState(addition, startOf(addition)), 2);
		const ids = events.filter((e) => e.type === 'updated').map((e) => e.state.policy.id);
		expect(new Set([startState(addition, startOf(addition)).policy.id, ...ids]).size).toBe(3);
		const spoken = at.engine.calls.filter((call) => call.kind === 'setAdapter');
		expect(spoken.map((call) => call.adapter)).toEqual([
			null,
			...events.filter((e) => e.type === 'updated').map((e) => e.state.policy.adapter),
		]);
		const scores = events
			.filter((e) => e.type === 'evaluated')
			.map((e) => e.evaluation.report.score.policy);
		expect(scores).toEqual([startState(addition, startOf(addition)).policy.id, ...ids]);
	});

	test('started again at any step, it gives the same events as an unbroken run', async () => {
		const whole = await run(startState(addition, startOf(addition)), 3);
		expect(whole.events).toHaveLength(13);
		for (let cut = 0; cut < whole.events.length - 1; cut++) {
			const state = whole.events[cut]?.state ?? startState(addition, startOf(addition));
			const past = whole.past.filter((experience) => experience.t < state.t);
			const rest = await run(structuredClone(state), 3, { past: structuredClone(past) });
			expect(rest.events, `after event ${cut}`).toEqual(whole.events.slice(cut + 1));
		}
	});

	test('with the same seed it is the same run, with another it is another', async () => {
		const one = await run(startState(addition, startOf(addition)), 1);
		const same = await run(startState(addition, startOf(addition)), 1);
		const other = await run(startState(addition, startOf(addition)), 1, { seed: 2 });
		expect(same.events).toEqual(one.events);
		expect(other.end.policy.id).not.toBe(one.end.policy.id);
	});

	test('stops before the next step when the signal says so, and mid-step loses only that step', async () => {
		const controller = new AbortController();
		const at = testWorld({ engine: learner(addition, 8), signal: controller.signal });
		const steps = evolve(method, startState(addition, startOf(addition)), at.world, 3);
		await steps.next();
		controller.abort(new Error('enough'));
		await expect(steps.next()).rejects.toThrow('enough');
	});

	test('is done at once when the rounds asked for are over', async () => {
		const state = { ...startState(addition, startOf(addition)), t: 3, phase: 'acquire' as const };
		expect((await run(state, 2)).events).toEqual([]);
	});
});

describe('the seal', () => {
	const itemOf = (example: Example) =>
		example.kind === 'answer' ? [addition.tasks.keyOf(example.item)] : [];

	test('no held-out problem is ever practised, asked for a label or put into a plan', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 0, max: 2 ** 31 }),
				fc.integer({ min: 1, max: 10 }),
				fc.boolean(),
				async (seed, difficulty, agreement) => {
					const { method } = assemble(easyToHard, { ...small, agreement, minKept: 0 });
					const start = startState(addition, startOf(addition));
					const state = {
						...start,
						t: 1,
						phase: 'acquire' as const,
						objective: { ...start.objective, difficulty },
					};
					const { events } = await run(state, 2, { seed, method });
					for (const event of events) {
						for (const { task } of event.state.experience)
							expect(addition.tasks.isHeldOut(task.item)).toBe(false);
						if (event.type !== 'updated') continue;
						const examples = examplesIn(event.plan);
						expect(examples.length).toBeGreaterThan(0);
						for (const example of examples)
							if (example.kind === 'answer')
								expect(addition.tasks.isHeldOut(example.item), String(itemOf(example))).toBe(false);
					}
				},
			),
			{ numRuns: 12 },
		);
	});
});

describe('a candidate that its evaluation rolls back', () => {
	test('gives its place back to the incumbent, which the next round goes on from', async () => {
		const at = testWorld({ engine: learner(addition, 9) });
		const { method } = assemble(easyToHard, { examined: 5, steps: 1, batch: 4, problems: 10 });
		const decided: Method = {
			...method,
			evaluate: async (refined, context) => ({
				...(await method.evaluate(refined, context)),
				decision: context.t === 1 ? { accept: 'roll-back', why: 'a test' } : { accept: 'keep' },
			}),
		};
		const events: LoopEvent[] = [];
		for await (const event of evolve(decided, startState(addition, startOf(addition)), at.world, 2))
			events.push(event);
		const [first, second] = events.filter((e) => e.type === 'updated').map(({ state }) => state);
		const [entrance, undone, kept] = events
			.filter((e) => e.type === 'evaluated')
			.map(({ state }) => state);
		expect(first?.incumbent.id).toBe(entrance?.policy.id);
		expect(first?.policy.parents).toEqual([entrance?.policy.id]);
		expect(undone?.policy).toBe(entrance?.policy);
		expect(undone?.accepted).toBe(entrance?.accepted);
		expect(second?.policy.parents).toEqual([entrance?.policy.id]);
		expect(kept?.policy.id).toBe(second?.policy.id);
		expect(kept?.incumbent).toBe(kept?.policy);
		// The engine is handed the incumbent's weights again before the next round.
		const spoken = at.engine.calls.filter((call) => call.kind === 'setAdapter');
		expect(spoken.map((call) => call.adapter)).toEqual([
			null,
			first?.policy.adapter,
			null,
			second?.policy.adapter,
		]);
	});
});
