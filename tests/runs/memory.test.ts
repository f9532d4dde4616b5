/** @file What a policy remembers, changed by a person while the run waits. */
import type { MemoryEntry } from '#loop/policy/memory.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import { expect, test } from 'vitest';
import { setUp, settled, small, step } from './bench.ts';

const entry = (id: string, text: string): MemoryEntry => ({
	...{ id, kind: 'experience', text, t: 1, from: [], task: 'AhBe', about: 'reversal' },
	logprob: -0.5,
});

/** A finished run whose policy remembers two cases. */
async function remembering() {
	const { store, open } = setUp();
	const session = open();
	const done = settled(session);
	const id = await session.start({ ...small, rounds: 1 });
	await done;
	const run = await store.run(id);
	if (!run) throw new Error('it is stored');
	const state = readSavedState(run.state);
	const memory = [entry('case/1', 'BeAh'), entry('case/2', 'wrong')];
	await store.commit({
		run: {
			...run,
			version: run.version + 1,
			state: { ...state, policy: { ...state.policy, memory } },
		},
	});
	const stateOf = async () => readSavedState((await store.run(id))?.state);
	return { id, session: open(), stateOf, before: state.policy };
}

test('the run goes on with the memory that a person left it', async () => {
	const { id, session, stateOf, before } = await remembering();
	const rewritten = entry('case/1', 'Be, then Ah');
	await session.setMemory(id, [rewritten]);
	const { policy } = await stateOf();
	expect(policy.memory).toEqual([rewritten]);
	expect(policy.id).not.toBe(before.id);
	expect(policy.adapter).toEqual(before.adapter);
	const done = settled(session);
	await session.resume(id, { rounds: 2 });
	await done;
	expect((await stateOf()).policy.memory).toEqual([rewritten]);
	expect((await session.runs())[0]?.scores).toHaveLength(3);
});

test('it is refused while a step is under way', async () => {
	const session = setUp().open();
	const id = await session.start(small);
	await expect(session.setMemory(id, [])).rejects.toMatchObject({ code: 'busy' });
	await session.stop();
	await step(session, id);
});
