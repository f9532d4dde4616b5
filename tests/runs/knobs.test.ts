/** @file Knobs turned in a run: which hold, from when, and which cannot be turned any more. */
import { describe, expect, test } from 'vitest';
import { nextEvent, record, setUp, settled, small, step } from './bench.ts';

describe('knobs', () => {
	test('hold from the next step that reads them', async () => {
		const session = setUp().open();
		const events = record(session);
		const id = await session.start(small);
		await session.pause();
		await session.setKnob('problems', '12');
		await step(session, id);
		const acquired = events.findLast((e) => e.type === 'committed');
		expect(acquired).toMatchObject({ step: 'acquired', run: { truths: [{ asked: 12 }] } });
		await session.setKnob('steps', 2);
		await step(session, id);
		await step(session, id);
		const [run] = await session.runs();
		expect(run?.curve).toHaveLength(2);
		expect(run?.recipe.knobs).toMatchObject({ problems: 12, steps: 2 });
	});

	test('out of range, unknown or of the environment are refused in one sentence', async () => {
		const session = setUp().open();
		await session.start(small);
		await session.pause();
		await expect(session.setKnob('replayShare', 3)).rejects.toThrow(
			'share must be a number from 0 to 0.95; got "3".',
		);
		await expect(session.setKnob('nonsense', 1)).rejects.toThrow(
			/has no knob "nonsense"; each part of the recipe/,
		);
		await expect(session.setKnob('direction', 'copy')).rejects.toThrow(/start a new run/);
	});

	test('two turned at once both hold', async () => {
		const session = setUp().open();
		await session.start(small);
		await session.pause();
		await Promise.all([session.setKnob('problems', 12), session.setKnob('steps', 2)]);
		const [run] = await session.runs();
		expect(run?.recipe.knobs).toMatchObject({ problems: 12, steps: 2 });
	});

	test('that say what learns hold once something has learnt, unless every round begins anew', async () => {
		const session = setUp().open();
		const training = nextEvent(
			session,
			(e) => e.type === 'progress' && e.progress.kind === 'trained',
		);
		const id = await session.start(small);
		await session.setKnob('rank', 3);
		await training;
		const kept =
			'rank and alpha stay 3 and 64: this run goes on from a LoRA trained with those. Turn restart on to train the base model anew in each round, or start a new run.';
		await expect(session.setKnob('rank', 4)).rejects.toThrow(kept);
		await expect(session.setKnob('architecture.rank', 4)).rejects.toThrow(kept);
		await session.pause();
		await expect(session.setKnob('rank', 4)).rejects.toThrow(kept);
		await expect(session.setKnob('alpha', 8)).rejects.toThrow(kept);
		await session.setKnob('learningRate', 1e-3);
		await session.setKnob('restart', true);
		await session.setKnob('rank', 4);
		await expect(session.setKnob('restart', false)).rejects.toThrow(kept);
		await session.setKnob('trains', 'full');
		await session.setKnob('restart', false);
		const done = settled(session);
		await step(session, id);
		await done;
		expect((await session.runs())[0]?.status).toBe('paused');
	});

	test('of a stored run can be turned while none is under way, and hold when it is resumed', async () => {
		const bench = setUp();
		const first = bench.open();
		const id = await first.start(small);
		await first.stop();
		// As a tab leaves it that is closed in the middle.
		const left = await bench.store.run(id);
		if (left)
			await bench.store.commit({
				run: { ...left, status: 'running', version: left.version + 1 },
			});
		const session = bench.open();
		await expect(session.setKnob('steps', 2)).rejects.toMatchObject({ code: 'no-run' });
		await expect(session.setKnob('steps', 2, 'nobody')).rejects.toMatchObject({
			code: 'no-such-run',
		});
		const events = record(session);
		await Promise.all([session.setKnob('steps', 2, id), session.setKnob('problems', 12, id)]);
		expect(events.at(-1)).toMatchObject({
			type: 'run',
			run: { id, status: 'paused', recipe: { knobs: { steps: 2, problems: 12 } } },
		});
		const done = settled(session);
		await session.resume(id, { rounds: 1, knobs: { learningRate: 1e-3, steps: 1 } });
		const other = session.setKnob('steps', 2, 'another');
		await expect(other).rejects.toMatchObject({ code: 'busy' });
		await done;
		const run = await bench.store.run(id);
		expect(run?.curve).toHaveLength(1);
		expect(run?.recipe.knobs).toMatchObject({ problems: 12, steps: 1, learningRate: 1e-3 });
		await expect(session.resume(id, { rounds: 2, knobs: { steps: 3, rank: 4 } })).rejects.toThrow(
			/^rank and alpha stay 2 and 64: /,
		);
		expect((await bench.store.run(id))?.recipe).toEqual(run?.recipe);
	});
});
