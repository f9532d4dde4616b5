/** @file Pausing, stepping, rejecting, and what is refused. */
import { describe, expect, test } from 'vitest';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { BackendError } from '#base/backend-error.ts';
import { policyId } from '#loop/policy/policy-id.ts';
import type { Adapter } from '#model/adapter.ts';
import type { OpenModel } from '#platform/platform.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { failingAt, nextEvent, record, setUp, settled, small, step } from './bench.ts';

const raise = (message: string): never => {
	throw new Error(message);
};

/** The model, and every adapter that its engine is given. */
const adapterHeard = (opened: OpenModel, hear: (adapter: Adapter | null) => void): OpenModel => ({
	...opened,
	engine: shareEngine({
		...opened.engine,
		setAdapter: (adapter) => {
			hear(adapter);
			return opened.engine.setAdapter(adapter);
		},
	}),
});

describe('pausing', () => {
	test('finishes the step under way, then waits', async () => {
		const { open } = setUp();
		const session = open();
		const events = record(session);
		const id = await session.start(small);
		await session.pause();
		expect(events.filter((e) => e.type === 'committed')).toHaveLength(1);
		expect(events.at(-1)).toEqual({ type: 'status', runId: id, status: 'paused' });
		expect(events).toContainEqual({ type: 'status', runId: id, status: 'pausing' });
	});

	test('steps once and waits again', async () => {
		const session = setUp().open();
		const events = record(session);
		const id = await session.start(small);
		await session.pause();
		await step(session, id);
		await step(session, id);
		const steps = events.flatMap((e) => (e.type === 'committed' ? [e.step] : []));
		expect(steps).toEqual(['evaluated', 'acquired', 'refined']);
	});
});

describe('rejecting by hand', () => {
	test('keeps an experience out of every later update', async () => {
		const session = setUp().open();
		const id = await session.start({ ...small, rounds: 3, knobs: { ...small.knobs, steps: 1 } });
		await session.pause();
		await step(session, id);
		await step(session, id);
		const kept = (await session.experiences(id)).filter((row) => row.fate === 'kept');
		const [first, second] = kept;
		if (!first || !second) return raise('nothing was kept');
		await session.reject(id, first.id, true);
		const done = settled(session);
		await session.resume(id);
		await done;
		const rows = await session.experiences(id);
		const after = (rowId: string) => rows.find((row) => row.id === rowId) ?? raise('lost');
		expect(after(first.id)).toMatchObject({ rejected: true, trainedIn: [] });
		expect(after(second.id)).toMatchObject({ rejected: false, trainedIn: [1, 2, 3] });
	});

	test('holds while the run goes on, from the next step', async () => {
		const session = setUp().open();
		const refined = nextEvent(session, (e) => e.type === 'committed' && e.step === 'refined');
		const done = settled(session);
		const id = await session.start({ ...small, rounds: 2 });
		const event = await refined;
		const row = event.type === 'committed' && event.rows.find((r) => r.fate === 'kept');
		if (!row) return raise('nothing was kept');
		await session.reject(id, row.id, true);
		await done;
		const after = (await session.experiences(id)).find((r) => r.id === row.id);
		// The update that was under way may have drawn on it; the next one did not.
		expect(after?.rejected).toBe(true);
		expect(after?.trainedIn).not.toContain(2);
	});
});

test('what is rejected while an update trains on it has been trained on', async () => {
	const session = setUp().open();
	const refined = nextEvent(session, (e) => e.type === 'committed' && e.step === 'refined');
	const training = nextEvent(
		session,
		(e) => e.type === 'progress' && e.progress.kind === 'trained',
	);
	const done = settled(session);
	const id = await session.start(small);
	const event = await refined;
	const row = event.type === 'committed' && event.rows.find((r) => r.fate === 'kept');
	if (!row) return raise('nothing was kept');
	await training;
	await session.reject(id, row.id, true);
	await done;
	const after = (await session.experiences(id)).find((r) => r.id === row.id);
	expect(after).toMatchObject({ rejected: true, trainedIn: [1] });
});

test('the engine speaks with the weights of the policy in every examination', async () => {
	const { open, model } = setUp();
	const spoken: (Adapter | null)[] = [];
	let held: Adapter | null = null;
	const opened = adapterHeard(model(), (adapter) => (held = adapter));
	const session = open({
		openModel: () =>
			Promise.resolve({
				...opened,
				engine: {
					...opened.engine,
					generate: (prompts, options) => {
						spoken.push(held);
						return opened.engine.generate(prompts, options);
					},
				},
			}),
	});
	const events = record(session);
	const done = settled(session);
	await session.start(small);
	await done;
	const examined = events.flatMap((e) =>
		e.type === 'committed' && e.score ? [e.score.policy] : [],
	);
	const heard = [...new Set(spoken.map((adapter) => policyId('reversal', adapter)))];
	expect(new Set(examined).size).toBe(3);
	expect(heard).toEqual(examined);
});

describe('trying a task', () => {
	test('answers with base and policy, also while the run goes on', async () => {
		const { open, model } = setUp();
		const adapters: (Adapter | null)[] = [];
		const opened = adapterHeard(model(), (adapter) => adapters.push(adapter));
		const session = open({ openModel: () => Promise.resolve(opened) });
		const updated = nextEvent(session, (e) => e.type === 'committed' && e.step === 'updated');
		const done = settled(session);
		const id = await session.start(small);
		await updated;
		const answer = await session.tryOut(id, 'hello', 'reversal');
		await done;
		expect(answer).toMatchObject({ task: 'hello', expected: 'olleh' });
		expect(answer.before.completion).toMatch(/\$$/);
		expect(typeof answer.now.correct).toBe('boolean');
		const [run] = await session.runs();
		const scores = run?.scores ?? [];
		expect(scores).toHaveLength(3);
		// Asked beside a run or not, the run is the same.
		const alone = setUp();
		const quiet = alone.open();
		const quietDone = settled(quiet);
		await quiet.start(small);
		await quietDone;
		expect((await quiet.runs())[0]?.scores).toEqual(scores);
	});

	test('asks the model that the run learns on, not another of its environment', async () => {
		const { open, model } = setUp();
		const opened: string[] = [];
		const openModel = (name: string) => {
			opened.push(name);
			return Promise.resolve(model());
		};
		const session = open({ openModel });
		const done = settled(session);
		const id = await session.start({ ...small, model: 'library:own' });
		await done;
		await session.tryOut(id, 'hello', 'reversal');
		expect(opened).toEqual(['library:own']);
	});

	test('says what a task looks like when it cannot be read', async () => {
		const session = setUp().open();
		await expect(session.tryOut(null, '12 + 3', 'reversal')).rejects.toMatchObject({
			code: 'bad-task',
			message: 'Type one word of 1 to 30 letters a to z, like hello.',
		});
	});
});

const lost = new BackendError('device-lost', 'The GPU went away.');

/** A session whose first `times` models lose their engine in the midst of the run. */
function losing(times: number) {
	const { open, model } = setUp();
	let openings = 0;
	const session = open({
		openModel: () => {
			const opened = model();
			const engine = openings++ < times ? failingAt(opened.engine, 12, lost) : opened.engine;
			return Promise.resolve({ ...opened, engine });
		},
	});
	return { session, openings: () => openings };
}

describe('when the engine is lost', () => {
	test('goes on from the last step with the fallback, to the same end', async () => {
		const { open, model, store } = setUp();
		const opened = model();
		const session = open({
			openModel: () => Promise.resolve({ ...opened, engine: failingAt(opened.engine, 12, lost) }),
			openFallback: (_name, failure) =>
				Promise.resolve(model({ note: `${failure.message} On wasm now.` })),
		});
		const events = record(session);
		const done = settled(session);
		const id = await session.start(small);
		await done;
		expect(events).toContainEqual(
			expect.objectContaining({ type: 'opened', note: 'The GPU went away. On wasm now.' }),
		);
		const other = setUp();
		const calm = other.open();
		const calmDone = settled(calm);
		const calmId = await calm.start(small);
		await calmDone;
		const end = (run: RunRecord | undefined) => ({ state: run?.state, curve: run?.curve });
		expect(end(await store.run(id))).toEqual(end(await other.store.run(calmId)));
	});

	test('without a fallback the same model is opened anew, and the run goes on by itself', async () => {
		const { session, openings } = losing(1);
		const events = record(session);
		const done = settled(session);
		await session.start(small);
		await done;
		expect(openings()).toBe(2);
		expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
		expect((await session.runs())[0]?.status).toBe('finished');
	});

	test('again and again it fails with code and remedy, and can be resumed', async () => {
		const { session } = losing(4);
		const failed = nextEvent(session, (e) => e.type === 'failed');
		const id = await session.start(small);
		expect(await failed).toMatchObject({ runId: id, error: { code: 'device-lost' } });
		expect((await session.runs())[0]).toMatchObject({ status: 'failed', message: lost.message });
		const done = settled(session);
		await session.resume(id);
		await done;
		expect((await session.runs())[0]?.status).toBe('finished');
	});
});

describe('what is asked for', () => {
	test.each([
		[
			{ method: 'magic' },
			`Method must be one of ${methods.map(({ name }) => name).join(', ')}; got "magic".`,
		],
		[
			{ environment: 'chess' },
			`Environment must be one of ${Object.keys(environments).join(', ')}; got "chess".`,
		],
		[{ rounds: 0 }, 'rounds must be a whole number from 1 to 1000; got "0".'],
		[{ seed: 0.5 }, 'seed must be a whole number from 0 to 4294967295; got "0.5".'],
		[{ knobs: { problems: -1 } }, 'problems must be a whole number from 1 to 20000; got "-1".'],
		[
			{ method: 'star' },
			'Method star needs a hint that gives the answer away, which environment reversal does not have.',
		],
	])('is checked before anything starts: %o', async (changes, message) => {
		const { open, store } = setUp();
		await expect(open().start({ ...small, ...changes })).rejects.toMatchObject({
			code: 'bad-request',
			message,
		});
		expect(await store.runs()).toEqual([]);
	});

	test('is refused while another run is under way', async () => {
		const session = setUp().open();
		const [first, second] = [session.start(small), session.start(small)];
		await expect(second).rejects.toMatchObject({ code: 'busy' });
		await first;
		await expect(session.start(small)).rejects.toMatchObject({ code: 'busy' });
		await session.stop();
	});
});
