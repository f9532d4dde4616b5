/** @file What is known of the truth: held-out items stay out, the audit counts right. */
import { rolloutOf } from '../loop/rollout/rollouts.ts';
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import type { TrainPlan } from '#loop/plan.ts';
import type { Experience } from '#loop/types.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { measureTruth, rowOf } from '#runs/measure/audit.ts';
import { assertSealed, drewOn, keysOf } from '#runs/plan-check.ts';
import { readRow } from '#runs/stored/row.ts';
import { altered } from '../environments/altered.ts';
import { near } from '../matchers.ts';
import { nextEvent, setUp, small, step } from './bench.ts';

const environment = openEnvironment('reversal');
const heldOut = environment.tasks.draw(6, random(1), undefined, 'held-out');
const free = environment.tasks.draw(6, random(1));

/** An experience whose kept label is `answer`. */
function experience(
	id: string,
	answer: string | null,
	changes: Partial<Experience> = {},
): Experience {
	const item = { word: 'abcdef' };
	return {
		id,
		t: 1,
		task: { id, item, difficulty: 6, stratum: 'all', text: 'abcdef' },
		rollouts: [],
		feedback: { kind: 'scored', source: 'model', score: 0.8, answer, each: [] },
		fate:
			answer === null
				? { kind: 'set-aside', by: 'a-cell', reason: 'no answer' }
				: { kind: 'kept', examples: [{ kind: 'answer', item, difficulty: 6, answer }] },
		policy: 'p',
		...changes,
	};
}

describe('held-out items', () => {
	const plan = (mixture: TrainPlan['mixture']) => ({ ...startPlan([], environment), mixture });

	test('in a plan stop it before anything is trained', () => {
		const examples = [free, heldOut].map((item) => ({
			kind: 'answer' as const,
			item,
			difficulty: 6,
			answer: 'x',
		}));
		const check = (i: number) => () => {
			assertSealed(
				plan([{ name: 'replay', share: 1, examples: examples.slice(i, i + 1) }]),
				environment,
				[],
			);
		};
		expect(check(0)).not.toThrow();
		expect(check(1)).toThrow(/wanted to train on the held-out item/);
	});

	test('are traced to their experience if an example is only text', () => {
		const text = { kind: 'text' as const, difficulty: 6, prompt: 'p', completion: 'c' };
		const one = experience('e', 'x');
		const source = {
			...one,
			task: { ...one.task, item: heldOut },
			fate: { kind: 'kept' as const, examples: [text] },
		};
		const mixed = plan([{ name: 'newest', share: 1, examples: [text] }]);
		expect(() => assertSealed(mixed, environment, [source])).toThrow(/held-out/);
		expect(() => assertSealed(mixed, environment, [])).not.toThrow();
	});

	test('are traced if a rollout was paired with another', () => {
		const pair = {
			kind: 'pair',
			difficulty: 6,
			prompt: 'p',
			chosen: { completion: 'c' },
			rejected: { completion: 'd' },
		} as const;
		const rollout = rolloutOf({ prompt: 'p', completion: 'c', view: {}, answer: 'c' });
		const one = experience('e', 'x');
		const source = {
			...one,
			rollouts: [rollout],
			task: { ...one.task, item: heldOut },
		};
		const mixed = plan([{ name: 'newest', share: 1, examples: [pair] }]);
		expect(() => assertSealed(mixed, environment, [source])).toThrow(/held-out/);
		const unpaired = rolloutOf({ prompt: 'p', completion: 'e', view: {}, answer: 'e' });
		const other = { ...source, rollouts: [unpaired] };
		expect(() => assertSealed(mixed, environment, [other])).not.toThrow();
	});

	test('are traced where a rollout trains by its advantage, kept or not', () => {
		const said = { prompt: 'p', completion: 'c', view: {}, answer: 'c', tokens: [4] };
		const rollout = (logprob: number) => {
			const one = rolloutOf({ ...said, logprobs: [logprob] });
			return { ...one, turns: one.turns.map((turn) => ({ tokens: [3], ...turn })) };
		};
		const example = {
			kind: 'text',
			difficulty: 6,
			prompt: 'p',
			completion: 'c',
			advantage: -1,
			tokens: { prompt: [3], completion: [4], logprobs: [-0.5] },
		} as const;
		const mixed = plan([{ name: 'newest', share: 1, examples: [example] }]);
		const source = experience('e', null, { rollouts: [rollout(-0.5)] });
		expect(drewOn(keysOf(mixed), source)).toBe(true);
		expect(() => assertSealed(mixed, environment, [source])).not.toThrow();
		const sealed = { ...source, task: { ...source.task, item: heldOut } };
		expect(() => assertSealed(mixed, environment, [sealed])).toThrow(/held-out/);
		// The same text of another round was sampled by another policy.
		expect(drewOn(keysOf(mixed), { ...source, rollouts: [rollout(-0.6)] })).toBe(false);
		const kept = plan([{ name: 'newest', share: 1, examples: [{ ...example, advantage: 1 }] }]);
		expect(drewOn(keysOf(kept), { ...source, rollouts: [] })).toBe(false);
	});

	test('smuggled into a stored run make it fail with the code, untrained', async () => {
		const { open, store } = setUp();
		const session = open();
		const id = await session.start(small);
		await session.pause();
		await step(session, id);
		await step(session, id);
		const run = await store.run(id);
		const kept = (await store.experiences(id)).find((r) => r.fate === 'kept');
		const row = kept && readRow(kept);
		if (!run || !row) throw new Error('nothing was kept');
		const fate = {
			kind: 'kept' as const,
			examples: [{ kind: 'answer' as const, item: heldOut, difficulty: 6, answer: 'x' }],
		};
		await store.commit({
			run: { ...run, version: run.version + 1 },
			experiences: [{ ...row, payload: { ...row.payload, fate } }],
		});
		const failed = nextEvent(session, (e) => e.type === 'failed');
		await session.resume(id);
		expect(await failed).toMatchObject({ error: { code: 'held-out' } });
		expect((await store.run(id))?.curve).toEqual([]);
	});
});

describe('the truth meter', () => {
	test('counts what is believed and what is true of the kept labels', async () => {
		const all = [
			experience('a', 'fedcba'),
			experience('b', 'fedcba'),
			experience('c', 'wrong'),
			experience('d', null),
		];
		expect(await measureTruth(1, all, environment)).toEqual({
			t: 1,
			asked: 4,
			kept: 3,
			correct: 2,
			judged: 3,
			believed: near(0.8),
			correctBefore: 2,
			judgedBefore: 4,
		});
	});

	test('leaves out what the verifier cannot judge, and never counts it as wrong', async () => {
		const faulty = altered(environment, {
			reference: {
				solve: () => {
					throw new Error('cannot');
				},
			},
		});
		const row = await rowOf('run', experience('a', 'fedcba'), faulty);
		expect(row).toMatchObject({ verdict: 'unjudged', expected: '' });
		expect(await measureTruth(1, [experience('a', 'fedcba')], faulty)).toMatchObject({
			kept: 1,
			correct: 0,
			judged: 0,
			judgedBefore: 0,
		});
		// Nor is no answer to what nobody can judge, which would tell the truth of the others too low.
		const unanswered = await rowOf('run', experience('a', null), faulty);
		expect(unanswered.verdict).toBe('unjudged');
		expect(await measureTruth(1, [experience('a', null)], faulty)).toMatchObject({
			judgedBefore: 0,
		});
	});

	test('judges a text by the view it was written in', async () => {
		const item = { word: 'abcdef' };
		const [, view] = environment.tasks.views(item, 2, random(5));
		if (!view) throw new Error('no second view');
		const completion = environment.answers.write(item, view, 'fedcba');
		const { verdict } = await environment.score({ item, view, completion, stopReason: 'stop' });
		expect(verdict.kind).toBe('correct');
		const prompt = environment.open(item, view).first();
		const one = experience('a', 'fedcba', {
			rollouts: [rolloutOf({ view, prompt, completion, answer: 'fedcba' })],
			fate: { kind: 'kept', examples: [{ kind: 'text', difficulty: 6, prompt, completion }] },
		});
		expect(await measureTruth(1, [one], environment)).toMatchObject({ correct: 1, judged: 1 });
	});

	test('in a run agrees with the verdicts of its rows', async () => {
		const session = setUp().open();
		const id = await session.start(small);
		await session.pause();
		await step(session, id);
		await step(session, id);
		const [run] = await session.runs();
		const rows = await session.experiences(id);
		const kept = rows.filter((row) => row.fate === 'kept');
		expect(run?.truths).toEqual([
			{
				t: 1,
				asked: rows.length,
				kept: kept.length,
				correct: kept.filter((row) => row.verdict === 'correct').length,
				judged: kept.length,
				believed: near(kept.reduce((sum, row) => sum + (row.score ?? NaN), 0) / kept.length),
				correctBefore: rows.filter((row) => row.verdict === 'correct').length,
				judgedBefore: rows.length,
			},
		]);
	});
});
