/** @file Modules (ConPET): each difficulty is answered by the weights that learnt it, and a new one changes no answer of another. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { carryOut } from '#loop/3-update/carry-out.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { adapterFor, basePolicy, childOf, type Policy } from '#loop/policy/policy.ts';
import { ask, questionOf } from '#loop/rollout/ask.ts';
import type { Adapter } from '#model/adapter.ts';
import { loadState, saveState } from '#runs/stored/codec.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { trainedSteps } from '../tiny-trainer.ts';
import { addition, keptExperience, objectiveAt, solve, someTask, testWorld } from '../world.ts';

const knobs = { ...defaultsOf(architecture.knobs), perTask: true, steps: 2, batch: 2 };

/** A round that learns sums of so many digits. */
async function round(policy: Policy, difficulty: number, t: number): Promise<Policy> {
	const refined = [keptExperience(someTask(difficulty, 'training'))];
	const context = testWorld().context({ t, policy, objective: objectiveAt(difficulty) });
	const plan = await architecture.create(knobs)(startPlan(refined, addition), refined, context);
	expect(plan).toMatchObject({ kind: 'train', module: true });
	return carryOut(plan, context);
}

test('a round trains the module of its difficulty and leaves the others as they are', async () => {
	const nine = await round(basePolicy('tiny'), 9, 1);
	const ten = await round(nine, 10, 2);
	const again = await round(ten, 9, 3);
	expect(ten.modules?.map(({ difficulty }) => difficulty)).toEqual([9, 10]);
	expect(adapterFor(ten, 9)).toBe(nine.adapter);
	expect(adapterFor(ten, 10)).toBe(ten.adapter);
	expect(adapterFor(ten, 14)).toBe(ten.adapter);
	expect(adapterFor(ten, 3)).toBeNull();
	expect(again.modules?.map(({ difficulty }) => difficulty)).toEqual([10, 9]);
	expect(adapterFor(again, 10)).toBe(ten.adapter);
	expect(new Set([nine, ten, again].map(({ id }) => id)).size).toBe(3);
	expect(adapterFor(childOf(ten, { adapter: nine.adapter }), 3)).toBe(nine.adapter);
});

test('problems of each difficulty are asked of their own module, and the engine speaks as before afterwards', async () => {
	const policy = await round(await round(basePolicy('tiny'), 9, 1), 10, 2);
	const spoken: (number | undefined)[] = [];
	const engine = scripted({ script: (prompt) => solve(addition, prompt) });
	const set = engine.setAdapter.bind(engine);
	const watched = Object.assign(engine, {
		setAdapter: (adapter: Adapter | null) => {
			spoken.push(adapter ? trainedSteps(adapter) : undefined);
			return set(adapter);
		},
	});
	const context = testWorld({ engine: watched }).context({ policy });
	const questions = [3, 9, 10].map((n) =>
		questionOf(addition, someTask(n, 'training'), { offset: 0, swapped: false }),
	);
	await ask(questions, context, { temperature: 0, purpose: 'modules' });
	// The base model for 3 digits, the first module for 9, and after each the policy's own weights, which answer 10.
	expect(spoken).toEqual([undefined, 4, 2, 4]);
});

test('modules are kept with the state of a run', async () => {
	const policy = await round(await round(basePolicy('tiny'), 9, 1), 10, 2);
	const { files } = openMemoryStore();
	const state = { t: 3, phase: 'acquire', objective: objectiveAt(11), experience: [] } as const;
	const saved = await saveState({ ...state, policy, incumbent: policy, accepted: null }, files);
	const read = readSavedState(JSON.parse(JSON.stringify(saved)));
	const loaded = await loadState(read, files, () => undefined, 'tiny');
	expect(loaded.policy.id).toBe(policy.id);
	expect(loaded.policy.modules).toEqual(policy.modules);
});
