/** @file Working memory: a note about the last attempts, in view next time, bounded, and told no more than the feedback said. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted, type ScriptedEngine } from '#engines/scripted.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import { carryOut } from '#loop/3-update/carry-out.ts';
import { workingMemory } from '#loop/3-update/in-context/working-memory.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import { ask, questionOf } from '#loop/rollout/ask.ts';
import type { Experience } from '#loop/types.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import { saveState } from '#runs/stored/codec.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { answered, english, instructions, taskOf } from '../../english.ts';

const knobs = defaultsOf(workingMemory.knobs);
const kite = taskOf('Describe a kite. Do not use any commas.');
const farm = taskOf('Describe a farm. Do not use any commas.');
const wrong = answered(kite, 'A kite, red.', 0);
const right = answered(farm, 'A farm.', 1);
const experience: Memory[number] = {
	...{ id: 'c', kind: 'experience', text: 'x', t: 1, from: [], task: 'y', about: 'z' },
};

const noting = (note = 'Leave commas out.'): ScriptedEngine => scripted({ script: () => note });
async function noted(
	engine: ScriptedEngine,
	refined: readonly Experience[],
	over: Partial<typeof knobs> = {},
	memory: Memory = [],
) {
	const world = english(engine);
	const policy = childOf(basePolicy('m'), { memory });
	const context = { ...world.at, policy };
	const make = workingMemory.create({ ...knobs, ...over });
	const plan = await make(startPlan(refined, instructions), refined, context);
	return { plan, context, world };
}
const promptsOf = (engine: ScriptedEngine) =>
	engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));

test('writes about what went wrong first, with what became of it, and changes no weights', async () => {
	const engine = noting();
	const { plan } = await noted(engine, [right, wrong], { attempts: 1 }, [experience]);
	expect(plan).toEqual({
		kind: 'remember',
		memory: [
			experience,
			{ id: 'note/1', kind: 'state', text: 'Leave commas out.', t: 1, from: [wrong.id] },
		],
	});
	const [asked] = promptsOf(engine);
	expect(asked).toContain(`Task: ${kite.text}\nAnswer: A kite, red.\nIt was wrong.`);
	expect(asked).not.toContain(farm.text);
	expect(asked).toContain('Your note so far: none');
});

test('the note is in view of the next attempts, and of the next note, which takes its place', async () => {
	const engine = noting('Say less.');
	const first: Memory = [{ id: 'note/1', kind: 'state', text: 'Write no commas.', t: 1, from: [] }];
	const { plan, context } = await noted(engine, [wrong], {}, first);
	const policy = await carryOut(plan, context);
	expect(policy.memory.map(({ text }) => text)).toEqual(['Say less.']);
	expect(policy.id).not.toBe(context.policy.id);
	await ask(
		[questionOf(instructions, farm, { plain: true })],
		{ ...context, policy },
		{
			temperature: 0,
			purpose: 'next',
		},
	);
	const [forNote, forTask] = promptsOf(engine);
	expect(forNote).toContain('Your note so far: Write no commas.');
	expect(forTask).toBe(`system: Say less.\nuser: ${farm.text}\n`);
});

test('a note that is too long ends with its last whole sentence', async () => {
	const long = `Be short. Use no commas. And ${'so on '.repeat(40)}`;
	const engine = noting(long);
	const { plan } = await noted(engine, [wrong], { noteTokens: 40 });
	expect(plan.kind === 'remember' && plan.memory[0]?.text).toBe('Be short. Use no commas.');
	expect(engine.calls[0]).toMatchObject({ options: { maxTokens: 40 } });
});

test('with trained weights the plan trains as before, with the note beside it', async () => {
	const { plan } = await noted(noting(), [wrong], { weights: 'trained' });
	expect(plan).toMatchObject({ kind: 'train', memory: [{ text: 'Leave commas out.' }] });
});

test('without an attempt that was judged and may be learnt from, the note stays', async () => {
	const [item] = drawHeldOut(instructions, 1, 'count', 1, 1);
	if (!item) throw new Error('no item');
	const sealed = answered(taskOf(instructions.words.show(item)), 'An answer.', 0);
	const unjudged = answered(kite, 'A kite.', null);
	const first: Memory = [{ id: 'note/1', kind: 'state', text: 'Write less.', t: 1, from: [] }];
	const engine = noting();
	const { plan } = await noted(engine, [sealed, unjudged], {}, first);
	expect(plan).toEqual({ kind: 'remember', memory: first });
	expect(engine.calls).toEqual([]);
});

test('is kept with the state of the run, as text that can be read', async () => {
	const { plan, context } = await noted(noting(), [wrong]);
	const policy = await carryOut(plan, context);
	const state = { t: 1, phase: 'evaluate', objective: context.objective, experience: [] } as const;
	const saved = await saveState(
		{ ...state, policy, incumbent: policy, accepted: null },
		openMemoryStore().files,
	);
	const text = JSON.stringify(saved);
	expect(text).toContain('"text":"Leave commas out."');
	expect(readSavedState(JSON.parse(text)).policy.memory).toEqual(policy.memory);
});
